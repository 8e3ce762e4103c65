using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Ecom.ServiceDefaults.Storage;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Takes in what is no payment: orders, and customers seen on devices and at addresses.</summary>
/// <remarks>Redis knows each message by its id, so a redelivery adds nothing; sightings are a set.</remarks>
internal sealed class FeatureWriter
{
    private const int MostMessages = 64;

    private readonly NpgsqlDataSource _database;
    private readonly ErasedIds _erased;
    private readonly MessageGroups<ReceivedMessage> _groups;

    public FeatureWriter(NpgsqlDataSource database, OnlineFeatures online, ErasedIds erased)
    {
        _database = database;
        _erased = erased;
        _groups = new MessageGroups<ReceivedMessage>(
            MostMessages, (group, token) => RecordTogetherAsync(group, online.ApplyAsync, token));
    }

    /// <summary>Takes a message's events in, together with other messages'.</summary>
    public Task RecordAsync(Guid messageId, IReadOnlyList<ShopEvent> events, CancellationToken cancellation)
    {
        var known = Known(new ReceivedMessage(messageId, events));
        return known.Events.Count == 0 ? Task.CompletedTask : _groups.WriteAsync(known, cancellation);
    }

    /// <summary>Takes messages into one generation only, as a rebuild does.</summary>
    public async Task FillAsync(
        RedisFeatureStore store, IEnumerable<ReceivedMessage> messages, CancellationToken cancellation)
    {
        var known = messages.Select(Known).Where(message => message.Events.Count > 0);
        foreach (var group in known.Chunk(MostMessages))
        {
            await RecordTogetherAsync(group, store.ApplyAsync, cancellation);
        }
    }

    private static ReceivedMessage Known(ReceivedMessage message) =>
        message with { Events = [.. message.Events.Where(shopEvent => shopEvent.Customer is not null)] };

    private async Task RecordTogetherAsync(
        IReadOnlyList<ReceivedMessage> group,
        Func<IReadOnlyList<EntityDelta>, CancellationToken, Task> apply,
        CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var gone = await _erased.FindAsync(
            connection, group.SelectMany(message => message.Events).Select(known => known.Customer), cancellation);
        var kept = group
            .Select(message => message with { Events = [.. message.Events.Where(e => !gone.Contains(e.Customer!))] })
            .ToArray();
        Telemetry.Refused.Add(group.Zip(kept, (all, left) => all.Events.Count - left.Events.Count).Sum());
        var deltas = FraudFeatures.Attempts.Fold(
            [.. kept.DistinctBy(message => message.Id).Select(m => KeyValuePair.Create(m.Id, m.Events))]);
        var touched = deltas.Select(delta => delta.Entity).ToHashSet();
        await using var batch = new NpgsqlBatch(connection);
        NoteSightings(
            batch,
            kept.SelectMany(message => message.Events).SelectMany(SightingsOf)
                .Where(sighting => touched.Contains(sighting.Entity)));
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellation);
        }

        await apply(deltas, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Adds to a batch: notes where customers were seen.</summary>
    public static void NoteSightings(NpgsqlBatch batch, IEnumerable<(string Customer, EntityKey Entity)> sightings)
    {
        const string Sql = """
            insert into sightings (customer_id, kind, entity)
            select * from unnest($1, $2, $3)
            on conflict do nothing
            """;

        // In one order everywhere, so that two never wait for each other.
        var rows = sightings.Distinct()
            .OrderBy(row => row.Customer, StringComparer.Ordinal).ThenBy(row => row.Entity.Kind)
            .ThenBy(row => row.Entity.Id, StringComparer.Ordinal).ToArray();
        if (rows.Length > 0)
        {
            batch.Add(
                Sql,
                new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => row.Customer)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => row.Entity.Kind.ToString())] },
                new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => row.Entity.Id)] });
        }
    }

    /// <summary>What an event ties to its customer: whose distinct counts then hold the customer.</summary>
    public static IEnumerable<(string Customer, EntityKey Entity)> SightingsOf(ShopEvent shopEvent) =>
        shopEvent.Customer is not { } customer
            ? []
            : new[] { EntityKind.Card, EntityKind.Device, EntityKind.Ip, EntityKind.IpNetwork, EntityKind.Address }
                .Where(kind => shopEvent.EntityId(kind) is not null)
                .Select(kind => (customer, new EntityKey(kind, shopEvent.EntityId(kind)!)));
}

/// <summary>A message with its events.</summary>
/// <param name="Id">The id that it counts under.</param>
/// <param name="Events">What it adds.</param>
internal sealed record ReceivedMessage(Guid Id, IReadOnlyList<ShopEvent> Events);
