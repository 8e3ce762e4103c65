using Dapper;
using Ecom.Recommendation.Outcomes;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Some answers with all their candidates: table <c>answer_samples</c>.</summary>
internal sealed class SampleStore(NpgsqlDataSource database, ErasedIds erased)
{
    /// <summary>How long samples are kept: rules are tried on the last week.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Keeps those answers of a batch that carry candidates, in the connection's transaction.</summary>
    public async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyList<ServedAnswer> answers, CancellationToken cancellation)
    {
        const string Sql = """
            insert into answer_samples (answer_id, served_at, placement, customer_id, anonymous_id, shown, propensities,
                                        candidates, sources)
            values (@AnswerId, @ServedAt, @Placement, @CustomerId, @AnonymousId, @Shown, @Propensities, @Candidates,
                    @Sources)
            """;

        var sampled = answers.Where(answer => answer.Candidates is not null).ToArray();
        if (sampled.Length == 0)
        {
            return;
        }

        var gone = await erased.FindAsync(connection, sampled.SelectMany(answer => answer.Visitors), cancellation);
        foreach (var answer in sampled.Where(answer => !answer.Visitors.Any(gone.Contains)))
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Sql,
                new
                {
                    AnswerId = answer.Message.RecommendationId,
                    answer.Id.ServedAt,
                    answer.Message.Placement,
                    answer.Message.CustomerId,
                    answer.AnonymousId,
                    Shown = answer.Message.ProductIds.ToArray(),
                    Propensities = answer.Message.Propensities?.ToArray(),
                    Candidates = answer.Candidates!.ToArray(),
                    Sources = answer.Sources.ToArray(),
                },
                cancellationToken: cancellation));
        }
    }

    /// <summary>Samples of placements, newest first, with the products that were clicked.</summary>
    /// <param name="placements">Names; empty for all.</param>
    /// <param name="since">Answers given after it.</param>
    /// <param name="limit">Most samples.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<IReadOnlyList<AnswerSample>> ReadAsync(
        IReadOnlyCollection<string> placements, DateTimeOffset since, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select answer_id, placement, customer_id is not null as is_known, shown, propensities, candidates,
                   sources,
                   coalesce((
                       select array_agg(product_id) from answer_touches touch
                       where touch.answer_id = answer_samples.answer_id and clicked), '{}') as clicked
            from answer_samples
            where served_at > @since and (cardinality(@Placements) = 0 or placement = any(@Placements))
            order by served_at desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<AnswerSample>(new CommandDefinition(
            Sql,
            new { Placements = placements.ToArray(), since, limit },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    public async Task PruneAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "delete from answer_samples where served_at < @before", new { before }, cancellationToken: cancellation));
    }

    /// <summary>Forgets visitors, named as <see cref="Lists.Visitor"/> does.</summary>
    public async Task EraseAsync(IReadOnlyCollection<string> visitors, CancellationToken cancellation)
    {
        const string Sql = """
            delete from answer_samples
            where 'c:' || customer_id = any(@Visitors) or 'a:' || anonymous_id = any(@Visitors)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { Visitors = visitors.ToArray() }, cancellationToken: cancellation));
    }
}

/// <summary>An answer that can be made again with other rules.</summary>
internal sealed record AnswerSample
{
    public required string AnswerId { get; init; }

    public required string Placement { get; init; }

    /// <summary>Whether it was for a known customer.</summary>
    public required bool IsKnown { get; init; }

    public required string[] Shown { get; init; }

    /// <summary>For each product shown; null when nothing was left to chance.</summary>
    public double[]? Propensities { get; init; }

    /// <summary>All candidates as they were ranked before rules, best first.</summary>
    public required string[] Candidates { get; init; }

    /// <summary>The list that each candidate came from.</summary>
    public required string[] Sources { get; init; }

    /// <summary>Products of the answer that were clicked.</summary>
    public required string[] Clicked { get; init; }
}
