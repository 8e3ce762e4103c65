using Dapper;
using Ecom.Contracts.Models;
using Npgsql;

namespace Ecom.Profiling.Storage;

/// <summary>The segmentation that serves and the sizes of its segments.</summary>
internal sealed class SegmentStore(NpgsqlDataSource database)
{
    private const string IsOfOther = """
        segment_version is distinct from @version
        and exists (
            select from orders o
            where o.customer_id = customers.customer_id
              and not exists (select from cancelled_orders x where x.order_id = o.order_id))
        """;

    /// <summary>
    /// Makes a promoted segmentation the one that serves and marks every customer; an older promotion loses.
    /// </summary>
    public async Task PromoteAsync(ModelPromoted promoted, CancellationToken cancellation)
    {
        const string Sql = """
            with switched as (
                insert into segment_models (model_version, artefact_path, artefact_sha256, promoted_at)
                values (@Version, @ArtefactPath, @ArtefactSha256, @PromotedAt)
                on conflict (only_row) do update
                set model_version = excluded.model_version, artefact_path = excluded.artefact_path,
                    artefact_sha256 = excluded.artefact_sha256, promoted_at = excluded.promoted_at
                where segment_models.promoted_at < excluded.promoted_at
                returning 1
            )
            update customers set changed = true where exists (select from switched)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { promoted.Version, promoted.ArtefactPath, promoted.ArtefactSha256, promoted.PromotedAt },
            cancellationToken: cancellation));
    }

    /// <returns>Null before a first promotion.</returns>
    public async Task<PromotedSegmentation?> ReadCurrentAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<PromotedSegmentation>(new CommandDefinition(
            "select model_version, artefact_path, artefact_sha256 from segment_models",
            cancellationToken: cancellation));
    }

    /// <summary>Customers in each segment, and those that still wait for the current segmentation.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<(string Segment, long Customers)>(new CommandDefinition(
            "select segment, count(*) from customers where segment is not null group by segment",
            cancellationToken: cancellation));
        return rows.ToDictionary(row => row.Segment, row => row.Customers);
    }

    /// <summary>Marks those who ordered and whose segment is of another version than the one that serves.</summary>
    public async Task MarkOthersAsync(int version, CancellationToken cancellation)
    {
        const string Sql = $"update customers set changed = true where not changed and {IsOfOther}";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { version }, cancellationToken: cancellation));
    }

    /// <summary>Customers whose profile is not made anew yet, or whose segment is of another version.</summary>
    public async Task<long> CountWaitingAsync(int version, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            $"select count(*) from customers where changed or ({IsOfOther})",
            new { version },
            cancellationToken: cancellation));
    }

    /// <summary>Customers of a segment after a cursor, by id.</summary>
    public async Task<IReadOnlyList<string>> ReadCustomersAsync(
        string segment, string after, int count, CancellationToken cancellation)
    {
        const string Sql = """
            select customer_id from customers
            where segment = @segment and customer_id > @after
            order by customer_id
            limit @count
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<string>(new CommandDefinition(
            Sql, new { segment, after, count }, cancellationToken: cancellation));
        return rows.AsList();
    }
}

/// <summary>Where the current segmentation comes from.</summary>
internal sealed record PromotedSegmentation
{
    public required int ModelVersion { get; init; }

    public required string ArtefactPath { get; init; }

    public required string ArtefactSha256 { get; init; }
}
