using Dapper;
using Ecom.Features;
using Ecom.Fraud.Definitions;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Takes in what is no payment: orders, and customers seen on devices and at addresses.</summary>
/// <remarks>Redis knows each message by its id, so a redelivery adds nothing; sightings are a set.</remarks>
internal sealed class FeatureWriter(NpgsqlDataSource database, OnlineState online, ErasedIds erased)
{
    public async Task RecordAsync(Guid messageId, IReadOnlyList<ShopEvent> events, CancellationToken cancellation)
    {
        var known = events.Where(shopEvent => shopEvent.Customer is not null).ToArray();
        if (known.Length == 0)
        {
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var gone = await erased.FindAsync(connection, known.Select(shopEvent => shopEvent.Customer), cancellation);
        var kept = known.Where(shopEvent => !gone.Contains(shopEvent.Customer!)).ToArray();
        Telemetry.Refused.Add(known.Length - kept.Length);
        var deltas = FraudFeatures.Attempts.Fold(messageId, kept);
        var touched = deltas.Select(delta => delta.Entity).ToHashSet();
        await NoteSightingsAsync(
            connection,
            kept.SelectMany(shopEvent => SightingsOf(shopEvent).Where(sighting => touched.Contains(sighting.Entity))),
            cancellation);
        await online.ApplyAsync(deltas, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Notes where a customer was seen.</summary>
    public static async Task NoteSightingsAsync(
        NpgsqlConnection connection,
        IEnumerable<(string Customer, EntityKey Entity)> sightings,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into sightings (customer_id, kind, entity)
            select * from unnest(@Customers, @Kinds, @Entities)
            on conflict do nothing
            """;

        // In one order everywhere, so that two never wait for each other.
        var rows = sightings.Distinct()
            .OrderBy(row => row.Customer, StringComparer.Ordinal).ThenBy(row => row.Entity.Kind)
            .ThenBy(row => row.Entity.Id, StringComparer.Ordinal).ToArray();
        if (rows.Length > 0)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Sql,
                new
                {
                    Customers = rows.Select(row => row.Customer).ToArray(),
                    Kinds = rows.Select(row => row.Entity.Kind.ToString()).ToArray(),
                    Entities = rows.Select(row => row.Entity.Id).ToArray(),
                },
                cancellationToken: cancellation));
        }
    }

    /// <summary>The cards, devices and addresses that an event ties to its customer.</summary>
    public static IEnumerable<(string Customer, EntityKey Entity)> SightingsOf(ShopEvent shopEvent) =>
        shopEvent.Customer is not { } customer
            ? []
            : new[] { EntityKind.Card, EntityKind.Device, EntityKind.Ip }
                .Where(kind => shopEvent.EntityId(kind) is not null)
                .Select(kind => (customer, new EntityKey(kind, shopEvent.EntityId(kind)!)));
}
