using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Fraud.Payments;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Forgets a customer: decisions, alerts, labels, what Redis remembers. Counts of cards, devices and addresses that
/// others may share stay, without the customer. Doing it again does nothing.
/// </summary>
internal sealed class Erasure(NpgsqlDataSource database, OnlineFeatures online, ErasedIds erased, TimeProvider clock)
{
    public async Task EraseAsync(CustomerErased message, CancellationToken cancellation)
    {
        const string Seen = """
            delete from sightings where customer_id = @CustomerId returning kind, entity
            """;
        const string Payments = """
            select payment_id from decisions
            where customer_id = @CustomerId or (customer_id is null and anonymous_id = any(@Anonymous))
            """;

        var anonymous = message.AnonymousIds.ToArray();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.HoldErasureAsync(connection, cancellation);
        await erased.RememberAsync(connection, [message.CustomerId, .. anonymous], cancellation);
        var seen = await connection.QueryAsync<(string Kind, string Entity)>(new CommandDefinition(
            Seen, new { message.CustomerId }, cancellationToken: cancellation));
        var payments = (await connection.QueryAsync<string>(new CommandDefinition(
            Payments, new { message.CustomerId, Anonymous = anonymous }, cancellationToken: cancellation))).ToArray();
        var paid = await PaymentLedger.ReadManyAsync(connection, payments, cancellation);
        var keys = anonymous.Append(message.CustomerId).Select(id => $"customer:{id}|").ToArray();
        await DeleteAsync(connection, payments, keys, cancellation);
        await LeaveRingAsync(connection, message.CustomerId, cancellation);
        await RemoveFromListsAsync(
            connection, [message.CustomerId, .. anonymous], clock.GetUtcNow().UtcDateTime, cancellation);
        await DeleteCasesAsync(connection, message.CustomerId, keys, cancellation);
        await online.RemoveAsync(
            [
                new EntityKey(EntityKind.Customer, message.CustomerId),
                .. anonymous.Select(id => new EntityKey(EntityKind.Visitor, id)),
            ],
            cancellation);
        await online.RemoveMemberAsync(
            [
                .. seen.Select(row => new EntityKey(Enum.Parse<EntityKind>(row.Kind), row.Entity))
                    .Concat(paid.SelectMany(payment => FeatureWriter.SightingsOf(PaymentVector.EventOf(payment)))
                        .Select(sighting => sighting.Entity))
                    .Distinct(),
            ],
            message.CustomerId,
            cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // An alert that others' payments are in goes on without this customer, and without the key that it had before its
    // ring was seen; one without payments goes, events and all.
    private static async Task DeleteAsync(
        NpgsqlConnection connection, string[] payments, string[] keys, CancellationToken cancellation)
    {
        const string Touched = """
            with had as (select distinct alert_id from alert_payments where payment_id = any(@payments))
            select alert_id from had
            union
            select alert_id from alerts where merged_into in (select alert_id from had)
            union
            select alert_id from alerts where merged_into is not null and payment_id = any(@payments)
            """;
        const string Delete = """
            delete from labels where payment_id = any(@payments);
            delete from decisions where payment_id = any(@payments);
            delete from uncounted where payment_id = any(@payments);
            delete from alerts
            where alert_id = any(@touched) and (merged_into is null or payment_id = any(@payments)) and not exists (
                select from alert_payments where alert_payments.alert_id = alerts.alert_id);
            """;
        const string Strip = """
            update alerts
            set payment_id = others.payment_id,
                customer_id = null,
                card_hash = null,
                body = ((body::jsonb - 'customerId' - 'orderId' - 'traceId'
                    || jsonb_build_object('paymentId', others.payment_id))
                    #- '{entities,customerId}' #- '{entities,cardHash}' #- '{entities,ipHash}')::text
            from (
                select alert_id, min(payment_id) as payment_id from alert_payments
                where alert_id = any(@touched)
                group by alert_id) as others
            where alerts.alert_id = others.alert_id and alerts.payment_id = any(@payments);
            update alerts set body = (body::jsonb - 'dedupKey')::text
            where alert_id = any(@touched)
                and exists (select from unnest(@keys) as key where starts_with(body::jsonb ->> 'dedupKey', key));
            update alert_events
            set body = case kind
                when 'alert.raised' then alerts.body
                else (alert_events.body::jsonb - 'paymentId')::text end
            from alerts
            where alerts.alert_id = alert_events.alert_id
                and alerts.alert_id = any(@touched)
                and alert_events.body::jsonb ->> 'paymentId' = any(@payments);
            update alert_events set body = (body::jsonb - 'dedupKey')::text
            where alert_id = any(@touched)
                and exists (select from unnest(@keys) as key where starts_with(body::jsonb ->> 'dedupKey', key));
            """;

        var touched = (await connection.QueryAsync<Guid>(new CommandDefinition(
            Touched, new { payments }, cancellationToken: cancellation))).ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Delete, new { payments, touched }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Strip, new { payments, touched, keys }, cancellationToken: cancellation));
    }

    // Whom nothing else ties is in no ring any more.
    private static async Task LeaveRingAsync(
        NpgsqlConnection connection, string customerId, CancellationToken cancellation)
    {
        const string Sql = """
            delete from ring_ties where customer_id = @customerId;
            delete from ring_customers where customer_id = @customerId returning ring_id;
            """;

        await Locks.HoldRingsAsync(connection, cancellation);
        var rings = await connection.QueryAsync<Guid?>(new CommandDefinition(
            Sql, new { customerId }, cancellationToken: cancellation));
        await RingSplit.RunAsync(connection, [.. rings.OfType<Guid>()], cancellation);
    }

    // A list entry with a customer's id is personal too; every replica must drop it from memory.
    private static async Task RemoveFromListsAsync(
        NpgsqlConnection connection, string[] customers, DateTime now, CancellationToken cancellation)
    {
        const string Sql = """
            delete from list_entries using lists
            where lists.name = list and lists.entity = 'customer' and value = any(@customers)
            returning list
            """;

        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtext('fraud rules'))", cancellationToken: cancellation));
        foreach (var list in await connection.QueryAsync<string>(new CommandDefinition(
            Sql, new { customers }, cancellationToken: cancellation)))
        {
            await RuleChanges.NoteAsync(connection, ("list", list, null), ("removed", "erasure", now), cancellation);
        }
    }

    // A case without alerts goes, notes and events and all; one that has others' alerts goes on without this customer.
    private static Task DeleteCasesAsync(
        NpgsqlConnection connection, string customerId, string[] keys, CancellationToken cancellation)
    {
        const string Sql = """
            delete from cases
            where (customer_id = @customerId or exists (
                    select from unnest(@keys) as key where starts_with(dedup_base, key)))
                and not exists (select from alerts where alerts.case_id = cases.case_id);
            update cases set customer_id = null where customer_id = @customerId;
            update cases set dedup_base = null
            where exists (select from unnest(@keys) as key where starts_with(dedup_base, key));
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql, new { customerId, keys }, cancellationToken: cancellation));
    }
}
