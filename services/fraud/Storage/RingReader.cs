using Dapper;
using Ecom.Features;
using Ecom.Fraud.Rings;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Lists rings, and shows what is in one.</summary>
internal sealed class RingReader(NpgsqlDataSource database)
{
    private const int MostLinks = 500;
    private const int MostAlerts = 100;
    private const string Columns = "ring_id, position, customers, formed_at, grown_at";

    /// <summary>Rings in the order of their last growth, after a position.</summary>
    /// <param name="least">Smallest size.</param>
    /// <param name="after">Position of the last one seen; 0 begins.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<Ring>> ListAsync(
        int least, long after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from rings
            where position > @after and customers >= @least and merged_into is null
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Ring>(new CommandDefinition(
            Sql, new { least, after, limit }, cancellationToken: cancellation))).AsList();
    }

    /// <summary>One ring, or the one that it went into; null if it is not there, or fell apart.</summary>
    public async Task<RingDetail?> FindAsync(Guid ringId, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns} from rings
            where ring_id = coalesce((select merged_into from rings where ring_id = @ringId), @ringId)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var ring = await connection.QuerySingleOrDefaultAsync<Ring>(new CommandDefinition(
            Sql, new { ringId }, cancellationToken: cancellation));
        return ring is null ? null : await DescribeAsync(connection, ring, cancellation);
    }

    private static async Task<RingDetail?> DescribeAsync(
        NpgsqlConnection connection, Ring ring, CancellationToken cancellation)
    {
        const string Sql = """
            select customer_id, first_at, last_at, joined_at from ring_customers where ring_id = @RingId
            order by joined_at, customer_id;
            select kind, entity as id, count(*)::integer as customers, min(first_at) as first_at,
                max(last_at) as last_at, bool_or(binds) as binds
            from ring_ties
            where customer_id in (select customer_id from ring_customers where ring_id = @RingId)
            group by kind, entity
            order by count(*) desc, kind, entity
            limit @MostLinks;
            select alert_id, state, severity, occurrences, raised_at, last_at from alerts where ring_id = @RingId
            order by position desc
            limit @MostAlerts;
            """;

        await using var read = await connection.QueryMultipleAsync(new CommandDefinition(
            Sql, new { ring.RingId, MostLinks, MostAlerts }, cancellationToken: cancellation));
        var customers = (await read.ReadAsync<RingCustomer>()).AsList();
        var links = (await read.ReadAsync<LinkRow>())
            .ToLookup(row => Enum.Parse<EntityKind>(row.Kind), row => row.ToLink());
        var alerts = (await read.ReadAsync<RingAlert>()).AsList();

        // Fallen apart since it was found.
        return customers.Count == 0 ? null : new RingDetail
        {
            Ring = ring,
            LastAt = customers.Max(customer => customer.LastAt),
            Growth =
            [
                .. customers.GroupBy(customer => DateOnly.FromDateTime(customer.JoinedAt.UtcDateTime))
                    .OrderBy(day => day.Key).Select(day => new RingGrowth(day.Key, day.Count())),
            ],
            Customers = customers,
            Devices = [.. links[EntityKind.Device]],
            Cards = [.. links[EntityKind.Card]],
            Addresses = [.. links[EntityKind.Ip]],
            Alerts = alerts,
        };
    }

    private sealed record LinkRow
    {
        public required string Kind { get; init; }

        public required string Id { get; init; }

        public required int Customers { get; init; }

        public required DateTimeOffset FirstAt { get; init; }

        public required DateTimeOffset LastAt { get; init; }

        public required bool Binds { get; init; }

        public RingLink ToLink() => new()
        {
            Id = Id,
            Customers = Customers,
            FirstAt = FirstAt,
            LastAt = LastAt,
            Binds = Binds,
        };
    }
}
