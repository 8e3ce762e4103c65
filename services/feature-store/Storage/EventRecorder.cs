using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>Takes events in: inbox row, history and online state, each once.</summary>
/// <remarks>
/// Redis is changed before the transaction commits: a message with an inbox row is surely online. If the commit
/// fails, the redelivery finds its id among the applied ones of each entity and changes nothing twice.
/// </remarks>
internal sealed class EventRecorder
{
    private const int MostMessages = 32;

    private readonly NpgsqlDataSource _database;
    private readonly OnlineFeatures _online;
    private readonly Months _months;
    private readonly ErasedIds _erased;
    private readonly MessageGroups<ReceivedMessage> _groups;

    public EventRecorder(NpgsqlDataSource database, OnlineFeatures online, Months months, ErasedIds erased)
    {
        _database = database;
        _online = online;
        _months = months;
        _erased = erased;
        _groups = new MessageGroups<ReceivedMessage>(MostMessages, RecordTogetherAsync);
    }

    /// <summary>Records a message's events, together with other messages'.</summary>
    public Task RecordAsync(InboxEntry entry, IReadOnlyList<ShopEvent> events, CancellationToken cancellation) =>
        _groups.WriteAsync(new ReceivedMessage(entry, events), cancellation);

    /// <summary>Records a payment, and the disputes of it that came first, together with other messages.</summary>
    public Task RecordPaymentAsync(InboxEntry entry, PaymentAttempted payment, CancellationToken cancellation) =>
        _groups.WriteAsync(
            new ReceivedMessage(entry, ShopEvents.From(payment)) { PaymentId = payment.PaymentId }, cancellation);

    /// <summary>Records a dispute with the entities of its payment; it waits if the payment has not come.</summary>
    public Task RecordDisputeAsync(InboxEntry entry, PaymentDisputed dispute, CancellationToken cancellation) =>
        RecordAsync(
            entry,
            [dispute.DisputedAt],
            async (connection, token) =>
            {
                await Disputes.LockPaymentsAsync(connection, [dispute.PaymentId], token);
                if (await Disputes.FindPaymentAsync(connection, dispute.PaymentId, token) is { } payment)
                {
                    return Messages(entry, ShopEvents.From(dispute, payment));
                }

                await Disputes.KeepAsync(connection, entry.MessageId, dispute, token);
                return [];
            },
            cancellation);

    private async Task RecordAsync(
        InboxEntry entry,
        IEnumerable<DateTimeOffset> times,
        Func<NpgsqlConnection, CancellationToken, Task<IReadOnlyList<RecordedMessage>>> prepare,
        CancellationToken cancellation)
    {
        await _months.EnsureAsync(times, cancellation);
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterLock.ShareAsync(connection, cancellation);
        if (await entry.TryRecordAsync(connection, cancellation))
        {
            await StoreAsync(connection, await prepare(connection, cancellation), transaction, cancellation);
        }
    }

    private async Task RecordTogetherAsync(IReadOnlyList<ReceivedMessage> group, CancellationToken cancellation)
    {
        await _months.EnsureAsync(group.SelectMany(message => message.Events).Select(TimeOf), cancellation);
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await WriterLock.ShareAsync(connection, cancellation);
        var added = await InboxEntry.RecordAsync(connection, group.Select(message => message.Entry), cancellation);
        if (added.Count > 0)
        {
            var messages = group
                .Where(message => added.Contains(message.Entry))
                .DistinctBy(message => message.Entry)
                .ToArray();
            RecordedMessage[] recorded =
            [
                .. messages.Select(message => new RecordedMessage(message.Entry.MessageId, message.Events)),
                .. await TakeDisputesAsync(connection, messages, cancellation),
            ];
            await StoreAsync(connection, recorded, transaction, cancellation);
        }
    }

    // What waited for the payments among the messages, with their entities.
    private static async Task<IReadOnlyList<RecordedMessage>> TakeDisputesAsync(
        NpgsqlConnection connection, IEnumerable<ReceivedMessage> messages, CancellationToken cancellation)
    {
        var payments = messages.Where(message => message.PaymentId is not null && message.Events.Count > 0)
            .ToLookup(message => message.PaymentId!, message => message.Events[0]);
        if (payments.Count == 0)
        {
            return [];
        }

        string[] ids = [.. payments.Select(payment => payment.Key)];
        await Disputes.LockPaymentsAsync(connection, ids, cancellation);
        var disputes = await Disputes.TakeAsync(connection, ids, cancellation);
        return
        [
            .. disputes.Select(dispute => new RecordedMessage(
                dispute.MessageId, ShopEvents.From(dispute.ToContract(), payments[dispute.PaymentId].First()))),
        ];
    }

    private async Task StoreAsync(
        NpgsqlConnection connection,
        IReadOnlyList<RecordedMessage> received,
        NpgsqlTransaction transaction,
        CancellationToken cancellation)
    {
        var allowed = await WithoutErasedAsync(connection, received, cancellation);
        var messages = await WriteAsync(connection, allowed, cancellation);
        var all = messages.SelectMany(message => message.Events).ToArray();
        await LinkAsync(connection, all, cancellation);
        await _online.ApplyAsync(
            _online.Set.Fold([.. messages.Select(m => KeyValuePair.Create(m.MessageId, m.Events))]), cancellation);
        await transaction.CommitAsync(cancellation);
        foreach (var group in all.CountBy(shopEvent => shopEvent.Kind))
        {
            Telemetry.Events.Add(
                group.Value, new KeyValuePair<string, object?>("ecom.event.kind", group.Key.ToString()));
        }
    }

    // The inbox forgets after some weeks: a fill from the log then meets messages that it no longer knows. Among
    // several,
    // one whose events are there fails the copy; the group is then written message by message.
    private static async Task<IReadOnlyList<RecordedMessage>> WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<RecordedMessage> messages, CancellationToken cancellation)
    {
        if (messages.Count == 1)
        {
            return await EventInsert.RunAsync(connection, messages, cancellation);
        }

        await EventInsert.CopyAsync(connection, messages, cancellation);
        return messages;
    }

    /// <summary>Messages without what belongs to erased customers.</summary>
    public async Task<IReadOnlyList<RecordedMessage>> WithoutErasedAsync(
        NpgsqlConnection connection, IReadOnlyList<RecordedMessage> messages, CancellationToken cancellation)
    {
        var ids = messages.SelectMany(message => message.Events).SelectMany(e => new[] { e.Customer, e.Anonymous });
        var gone = await _erased.FindAsync(connection, ids, cancellation);
        if (gone.Count == 0)
        {
            return messages;
        }

        var kept = messages
            .Select(message => message with { Events = [.. message.Events.SelectMany(e => Without(gone, e))] })
            .ToArray();
        Telemetry.Refused.Add(messages.Zip(kept, (all, left) => all.Events.Count - left.Events.Count).Sum());
        return kept;
    }

    private static DateTimeOffset TimeOf(ShopEvent shopEvent) =>
        DateTimeOffset.FromUnixTimeMilliseconds(shopEvent.AtMs);

    // What another customer does in a browser that an erased one shared is still theirs; the browser's id is forgotten.
    private static IEnumerable<ShopEvent> Without(IReadOnlySet<string> gone, ShopEvent shopEvent) =>
        (shopEvent.Customer, shopEvent.Anonymous) switch
        {
            ({ } customer, _) when gone.Contains(customer) => [],
            (null, { } anonymous) when gone.Contains(anonymous) => [],
            (_, { } anonymous) when gone.Contains(anonymous) => [shopEvent with { Anonymous = null }],
            _ => [shopEvent],
        };

    private static IReadOnlyList<RecordedMessage> Messages(InboxEntry entry, IReadOnlyList<ShopEvent> events) =>
        [new RecordedMessage(entry.MessageId, events)];

    private static async Task LinkAsync(
        NpgsqlConnection connection, IEnumerable<ShopEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            insert into identities (anonymous, customer, identified_at)
            values (@Anonymous, @Customer, @At)
            on conflict (anonymous) do update
            set customer = excluded.customer, identified_at = excluded.identified_at
            where (excluded.identified_at, excluded.customer) > (identities.identified_at, identities.customer)
            """;

        foreach (var found in events.Where(e => e is { Kind: ShopEventKind.CustomerIdentified, Anonymous: not null }))
        {
            var at = TimeOf(found).UtcDateTime;
            await connection.ExecuteAsync(new CommandDefinition(
                Sql, new { found.Anonymous, found.Customer, At = at }, cancellationToken: cancellation));
        }
    }

    private sealed record ReceivedMessage(InboxEntry Entry, IReadOnlyList<ShopEvent> Events)
    {
        /// <summary>The payment that it is; null if it is something else.</summary>
        public string? PaymentId { get; init; }
    }
}
