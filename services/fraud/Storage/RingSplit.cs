using Dapper;
using Ecom.Features;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Takes rings apart where ties are gone: the largest part keeps the id, who is alone is in none.</summary>
/// <remarks>Under the lock of the rings. A ring is small, so it is walked through anew.</remarks>
internal static class RingSplit
{
    /// <summary>Looks through rings, in the open transaction.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, Guid[] rings, CancellationToken cancellation)
    {
        const string Customers = """
            select ring_id, customer_id from ring_customers where ring_id = any(@rings)
            order by customer_id collate "C"
            for update
            """;
        const string Ties = """
            select kind, entity, customer_id from ring_ties where customer_id = any(@customers) and binds
            """;

        var members = (await connection.QueryAsync<(Guid RingId, string Customer)>(new CommandDefinition(
            Customers, new { rings }, cancellationToken: cancellation)))
            .ToLookup(row => row.RingId, row => row.Customer);
        var customers = members.SelectMany(ring => ring).ToArray();
        var ties = (await connection.QueryAsync<(string Kind, string Entity, string Customer)>(new CommandDefinition(
            Ties, new { customers }, cancellationToken: cancellation)))
            .ToLookup(row => row.Customer, row => new RingTie(
                new EntityKey(Enum.Parse<EntityKind>(row.Kind), row.Entity), row.Customer, Binds: true));
        var moves = new List<(string Customer, Guid? RingId)>();
        foreach (var ring in members)
        {
            var parts = RingComponents.Of([.. ring], ring.SelectMany(customer => ties[customer]));
            moves.AddRange(parts.Where(part => part.Count == 1).Select(part => (part[0], (Guid?)null)));
            moves.AddRange(parts.Skip(1).Where(part => part.Count > 1).SelectMany(part =>
                part.Select(customer => (customer, (Guid?)PaymentIds.RingPart(ring.Key, part[0])))));
        }

        await MoveAsync(connection, rings, moves, cancellation);
        Telemetry.RingChanges.Add(
            moves.Count > 0 ? 1 : 0, new KeyValuePair<string, object?>("ecom.fraud.ring.change", "split"));
    }

    private static Task MoveAsync(
        NpgsqlConnection connection,
        Guid[] rings,
        IReadOnlyList<(string Customer, Guid? RingId)> moves,
        CancellationToken cancellation)
    {
        const string Sql = """
            update ring_customers
            set ring_id = moved.ring_id, joined_at = case when moved.ring_id is null then null else joined_at end
            from unnest(@customers, @into) as moved (customer_id, ring_id)
            where ring_customers.customer_id = moved.customer_id;
            insert into rings (ring_id, customers, formed_at, grown_at)
            select ring_id, count(*), min(joined_at), max(joined_at) from ring_customers where ring_id = any(@into)
            group by ring_id
            on conflict (ring_id) do update
            set customers = excluded.customers, grown_at = excluded.grown_at, merged_into = null;
            update rings
            set customers = (select count(*) from ring_customers where ring_customers.ring_id = rings.ring_id)
            where ring_id = any(@rings);
            delete from rings where ring_id = any(@rings) and customers = 0 and merged_into is null;
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                rings,
                customers = moves.Select(move => move.Customer).ToArray(),
                into = moves.Select(move => move.RingId).ToArray(),
            },
            cancellationToken: cancellation));
    }
}
