using Dapper;
using Ecom.Recommendation.Outcomes;
using Ecom.ServiceDefaults.Privacy;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>
/// Events that may be outcomes, and what they are attributed to: tables <c>outcome_events</c>, <c>answer_touches</c>.
/// </summary>
/// <remarks>
/// Consumers only note events, each once by its id; one replica at a time counts them a little later. So a click that
/// overtakes nothing and an order that overtakes its click give the same numbers.
/// </remarks>
internal sealed class OutcomeStore(
    NpgsqlDataSource database,
    ErasedIds erased,
    IOptions<RecommendationOptions> options,
    TimeProvider clock)
{
    private const int AtOnce = 2_000;

    /// <summary>Notes events; one that is there already changes nothing.</summary>
    public async Task RecordAsync(IReadOnlyList<OutcomeEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            insert into outcome_events (event_id, product_id, kind, answer_id, customer_id, anonymous_id, amount,
                                        occurred_at)
            select * from unnest(@Ids, @Products, @Kinds, @Answers, @Customers, @Browsers, @Amounts, @Times)
            order by 1, 2
            on conflict do nothing
            """;

        // What is older than the memory could not be told from its own redelivery.
        var oldest = clock.GetUtcNow() - options.Value.AttributionWindow - OutcomeRetention.Redelivery;
        var young = events.Where(one => one.OccurredAt > oldest).ToArray();
        if (young.Length == 0)
        {
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var gone = await erased.FindAsync(connection, young.SelectMany(VisitorsOf), cancellation);
        var kept = young.Where(one => !VisitorsOf(one).Any(gone.Contains)).ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Ids = kept.Select(one => one.EventId).ToArray(),
                Products = kept.Select(one => one.ProductId).ToArray(),
                Kinds = kept.Select(one => one.Kind).ToArray(),
                Answers = kept.Select(one => one.AnswerId).ToArray(),
                Customers = kept.Select(one => one.CustomerId).ToArray(),
                Browsers = kept.Select(one => one.AnonymousId).ToArray(),
                Amounts = kept.Select(one => one.Amount).ToArray(),
                Times = kept.Select(one => one.OccurredAt.ToUniversalTime()).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>
    /// Attributes and counts what waits: first reactions to answers, then carts and orders by the visitor's last
    /// reaction to the product.
    /// </summary>
    /// <returns>Events that were looked at, and what they are worth; the caller goes on while there are any.</returns>
    public async Task<(int Events, IReadOnlyList<Credit> Credits)> CountAsync(CancellationToken cancellation)
    {
        const string Waiting = """
            select event_id, product_id, kind, answer_id, customer_id, anonymous_id, amount, occurred_at
            from outcome_events
            where not counted and (answer_id is not null or recorded_at < clock_timestamp() - @Patience)
            order by recorded_at
            limit @AtOnce
            for update
            """;
        const string Done = """
            update outcome_events set counted = true
            from unnest(@Ids, @Products) as done (event_id, product_id)
            where outcome_events.event_id = done.event_id and outcome_events.product_id = done.product_id
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var waiting = (await connection.QueryAsync<OutcomeEvent>(new CommandDefinition(
            Waiting,
            new { Patience = options.Value.OutcomePatience, AtOnce },
            cancellationToken: cancellation))).AsList();
        if (waiting.Count == 0)
        {
            return (0, []);
        }

        var credits = await OutcomeAttribution.TouchAsync(connection, waiting, cancellation);
        credits.AddRange(await OutcomeAttribution.AttributeAsync(
            connection, waiting, options.Value.AttributionWindow, cancellation));
        await OutcomeAttribution.CreditAsync(connection, credits, cancellation);
        await ExposureStore.CreditAsync(connection, credits, cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Done,
            new
            {
                Ids = waiting.Select(one => one.EventId).ToArray(),
                Products = waiting.Select(one => one.ProductId).ToArray(),
            },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return (waiting.Count, credits);
    }

    /// <summary>Forgets a customer and their browsers in the connection's transaction.</summary>
    /// <param name="visitors">Named as <see cref="Lists.Visitor"/> does.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task EraseAsync(IReadOnlyCollection<string> visitors, CancellationToken cancellation)
    {
        const string Sql = """
            delete from outcome_events
            where 'c:' || customer_id = any(@Visitors) or 'a:' || anonymous_id = any(@Visitors);
            delete from answer_touches
            where 'c:' || customer_id = any(@Visitors) or 'a:' || anonymous_id = any(@Visitors);
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { Visitors = visitors.ToArray() }, cancellationToken: cancellation));
    }

    private static IEnumerable<string> VisitorsOf(OutcomeEvent one)
    {
        if (one.CustomerId is not null)
        {
            yield return Lists.Visitor.Customer(one.CustomerId);
        }

        if (one.AnonymousId is not null)
        {
            yield return Lists.Visitor.Anonymous(one.AnonymousId);
        }
    }
}
