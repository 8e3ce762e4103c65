using System.Runtime.CompilerServices;
using Dapper;
using Ecom.Fraud.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Reads what was decided lately: what drift and the price of a look are made of.</summary>
internal sealed class RecentDecisions(NpgsqlDataSource database, VectorStore vectors)
{
    /// <summary>Vectors of the newest payments that were decided since an instant, imported ones left out.</summary>
    /// <remarks>
    /// What was tried more than a day before does not count: an import is not looked through each time. One by one:
    /// thousands of them at once would be memory whose clearing holds up payments.
    /// </remarks>
    public async IAsyncEnumerable<NamedVector> ReadVectorsAsync(
        DateTimeOffset since, int limit, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const string Sql = """
            select packed_vector, vector::text from decisions
            where attempted_at >= @began and decided_at >= @since and not backfill and not degraded
            order by attempted_at desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = connection.QueryUnbufferedAsync<(byte[]?, string?)>(
            Sql, new { since = since.UtcDateTime, began = since.AddDays(-1).UtcDateTime, limit });
        await foreach (var (packed, json) in rows.WithCancellation(cancellation))
        {
            yield return await vectors.ReadAsync(packed, json, cancellation);
        }
    }

    /// <summary>The newest decisions that a version had a part in, newest first, imported ones left out.</summary>
    public async Task<IReadOnlyList<ScoredPayment>> ReadScoredAsync(
        int version, DateTimeOffset from, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select attempted_at, model_score as score, base_amount as amount, decision, model_decision
            from decisions
            where attempted_at >= @from and model_version = @version and not backfill
            order by attempted_at desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<ScoredPayment>(new CommandDefinition(
            Sql, new { version, from = from.UtcDateTime, limit }, cancellationToken: cancellation))).AsList();
    }
}

/// <summary>A payment that a version of the model was asked about.</summary>
internal sealed record ScoredPayment
{
    public required DateTimeOffset AttemptedAt { get; init; }

    public required double Score { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public required long Amount { get; init; }

    /// <summary>What was decided.</summary>
    public required string Decision { get; init; }

    /// <summary>What the model would have decided alone.</summary>
    public required string ModelDecision { get; init; }
}
