using Dapper;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Counts what rules in the shadow would have held for.</summary>
internal sealed class ShadowStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const int Days = 30;

    /// <summary>Counts its last 30 days there at most: more would read for seconds.</summary>
    /// <returns>Null if the version never ran in the shadow.</returns>
    public async Task<ShadowCounts?> CountAsync(StoredRule rule, CancellationToken cancellation)
    {
        const string Judged = """
            select count(*) from decisions
            where decided_at >= @since and (@until::timestamptz is null or decided_at < @until)
            """;
        const string Held = $$"""
            select count(*) as held,
                count(*) filter (where fraud) as held_fraud,
                count(*) filter (where not fraud) as held_genuine,
                count(*) filter (where decision = 'Allow') as held_allowed
            from decisions
            left join lateral (
                select fraud from labels
                where labels.payment_id = decisions.payment_id
                order by {{LabelStore.Newest}}
                limit 1) label on true
            where shadow <> '{}' and shadow @> @names and decided_at >= @since
            """;

        if (rule.ShadowAt is not { } at)
        {
            return null;
        }

        var until = (rule.State == "shadow" ? null : rule.ActivatedAt > at ? rule.ActivatedAt : rule.RetiredAt)
            ?.UtcDateTime;
        var newest = (until ?? clock.GetUtcNow().UtcDateTime).AddDays(-Days);
        var since = at.UtcDateTime > newest ? at.UtcDateTime : newest;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var judged = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            Judged, new { since, until }, cancellationToken: cancellation));
        var held = await connection.QuerySingleAsync<HeldRow>(new CommandDefinition(
            Held, new { names = new[] { rule.ToNamed().Name }, since }, cancellationToken: cancellation));
        return new ShadowCounts
        {
            Judged = judged,
            Held = held.Held,
            HeldFraud = held.HeldFraud,
            HeldGenuine = held.HeldGenuine,
            HeldAllowed = held.HeldAllowed,
        };
    }

    private sealed record HeldRow
    {
        public required long Held { get; init; }

        public required long HeldFraud { get; init; }

        public required long HeldGenuine { get; init; }

        public required long HeldAllowed { get; init; }
    }
}

/// <summary>What a rule did in the shadow, in its last 30 days there at most.</summary>
internal sealed record ShadowCounts
{
    /// <summary>Payments decided since it was put there.</summary>
    public required long Judged { get; init; }

    /// <summary>Payments that it held for.</summary>
    public required long Held { get; init; }

    /// <summary>Of those, what is known to be fraud by now.</summary>
    public required long HeldFraud { get; init; }

    /// <summary>Of those, what is known to be none by now.</summary>
    public required long HeldGenuine { get; init; }

    /// <summary>Of those, what was allowed.</summary>
    public required long HeldAllowed { get; init; }
}
