using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>
/// Forgets a customer: history, identities, online state; remembers keyed hashes, so that no late message brings it
/// back.
/// </summary>
internal sealed class Erasure(NpgsqlDataSource database, OnlineFeatures online, ErasedIds erased)
{
    // What a person shares with others is computed anew from what is left; products keep their anonymous counts.
    private static readonly EntityKind[] _recomputed =
        [EntityKind.Session, EntityKind.Device, EntityKind.Ip, EntityKind.IpNetwork, EntityKind.Card];

    public async Task EraseAsync(InboxEntry entry, CustomerErased message, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterLock.HoldAsync(connection, cancellation);
        if (!await entry.TryRecordAsync(connection, cancellation))
        {
            return;
        }

        var anonymous = message.AnonymousIds.ToArray();
        await erased.RememberAsync(connection, [message.CustomerId, .. anonymous], cancellation);
        var touched = await TouchedAsync(connection, message.CustomerId, anonymous, cancellation);
        await DeleteAsync(connection, message.CustomerId, anonymous, cancellation);
        await online.RemoveAsync(
            [
                new EntityKey(EntityKind.Customer, message.CustomerId),
                .. anonymous.Select(id => new EntityKey(EntityKind.Visitor, id)),
            ],
            cancellation);
        var products = touched.Where(entity => entity.Kind == EntityKind.Product).ToArray();
        await online.RemoveMemberAsync(products, message.CustomerId, cancellation);
        var customers = touched.Where(entity => entity.Kind == EntityKind.Customer).ToArray();
        foreach (var id in anonymous)
        {
            await online.RemoveMemberAsync(customers, id, cancellation);
        }

        foreach (var kind in _recomputed)
        {
            var ids = touched.Where(entity => entity.Kind == kind).Select(entity => entity.Id).ToArray();
            await RecomputeAsync(connection, kind, ids, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    // Writers wait for the erasure's end, so nothing is added between removal and recomputation.
    private async Task RecomputeAsync(
        NpgsqlConnection connection, EntityKind kind, string[] ids, CancellationToken cancellation)
    {
        if (ids.Length == 0)
        {
            return;
        }

        await online.RemoveAsync([.. ids.Select(id => new EntityKey(kind, id))], cancellation);
        var wanted = ids.ToHashSet();
        await foreach (var message in EventHistory.MessagesOfAsync(connection, kind, ids, cancellation))
        {
            var deltas = online.Set.Fold(message.MessageId, message.Events)
                .Where(delta => delta.Entity.Kind == kind && wanted.Contains(delta.Entity.Id));
            await online.ApplyAsync([.. deltas], cancellation);
        }
    }

    private static async Task<IReadOnlyList<EntityKey>> TouchedAsync(
        NpgsqlConnection connection, string customer, string[] anonymous, CancellationToken cancellation)
    {
        const string Sql = """
            with gone as (
                select * from shop_events where customer = @customer
                union all
                select * from shop_events where customer is null and anonymous = any(@anonymous))
            select 'Product' as kind, product as id from gone where product is not null
            union select 'Session', session from gone where session is not null
            union select 'Device', device from gone where device is not null
            union select 'Ip', ip from gone where ip is not null
            union select 'IpNetwork', ip_network from gone where ip_network is not null
            union select 'Card', card from gone where card is not null
            union select 'Customer', customer from shop_events
            where kind = 'CustomerIdentified' and anonymous = any(@anonymous)
            """;

        var rows = await connection.QueryAsync<(string Kind, string Id)>(
            new CommandDefinition(Sql, new { customer, anonymous }, cancellationToken: cancellation));
        return [.. rows.Select(row => new EntityKey(Enum.Parse<EntityKind>(row.Kind), row.Id))];
    }

    private static async Task DeleteAsync(
        NpgsqlConnection connection, string customer, string[] anonymous, CancellationToken cancellation)
    {
        const string Sql = """
            delete from shop_events where customer = @customer;
            delete from shop_events where customer is null and anonymous = any(@anonymous);
            update shop_events set anonymous = null where anonymous = any(@anonymous);
            delete from identities where customer = @customer or anonymous = any(@anonymous);
            """;

        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { customer, anonymous }, cancellationToken: cancellation));
    }
}
