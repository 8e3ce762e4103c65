using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// Writes the events of several requests in one transaction: keys, raw log, outbox, masters, rejections and counts.
/// When it returns, everything is on disk; when it throws, nothing is.
/// </summary>
internal sealed class GroupTransaction(
    NpgsqlDataSource database, Outbox outbox, ErasedIds erased, EventPartitions partitions, Counters counters)
{
    private const int LargestMessage = 100;

    /// <returns>A verdict for each event, in order.</returns>
    public async Task<IReadOnlyList<Verdict>> WriteAsync(
        IReadOnlyList<ReadEvent> events, CancellationToken cancellation)
    {
        foreach (var day in events.Select(e => DateOnly.FromDateTime(e.ReceivedAt.UtcDateTime)).Distinct())
        {
            await partitions.EnsureAsync(day, cancellation);
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ErasureLock.ShareAsync(connection, cancellation);

        var verdicts = new Verdict?[events.Count];
        await RefuseAsync(connection, events, verdicts, cancellation);
        var leaders = FindLeaders(events, verdicts);
        await ClaimAsync(connection, events, leaders, verdicts, cancellation);
        var products = await WriteProductsAsync(connection, events, leaders, verdicts, cancellation);
        var accepted = events.Where((_, i) => leaders[i] == i && verdicts[i] is null).ToArray();
        var links = await WriteCustomersAsync(connection, accepted, cancellation);
        var (entries, messages) = Compose(accepted, products, links);
        await EventLog.AppendAsync(connection, entries, cancellation);
        await outbox.AddAsync(connection, messages, cancellation);

        var final = Conclude(events, leaders, verdicts);
        await RejectionStore.AddAsync(connection, Rejections(events, final), cancellation);
        await counters.AddAsync(connection, events, final, cancellation);
        await transaction.CommitAsync(cancellation);
        return final;
    }

    private async Task RefuseAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ReadEvent> events,
        Verdict?[] verdicts,
        CancellationToken cancellation)
    {
        var forgotten = await erased.FindAsync(
            connection, events.SelectMany(e => new[] { e.CustomerId, e.AnonymousId }), cancellation);
        for (var i = 0; i < events.Count; i++)
        {
            var read = events[i];
            var isErased = forgotten.Count > 0
                && (forgotten.Contains(read.CustomerId ?? "") || forgotten.Contains(read.AnonymousId ?? ""));
            var rejection = isErased
                ? new Rejection(Reasons.Erased, "$", "the customer asked to be forgotten")
                : read.Rejection;
            if (rejection is not null)
            {
                verdicts[i] = new Verdict(VerdictStatus.Rejected, read.EventId, rejection);
            }
        }
    }

    // For each event the index of the first one in the group with the same key: the event itself, unless it repeats.
    private static int[] FindLeaders(IReadOnlyList<ReadEvent> events, Verdict?[] verdicts)
    {
        var seen = new Dictionary<(string Kind, string Client, string Id), int>(events.Count);
        var leaders = new int[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            leaders[i] = i;
            if (verdicts[i] is not null)
            {
                continue;
            }

            var read = events[i];
            (string Kind, string Client, string? Id)[] keys =
            [
                ("message", read.Client, read.MessageId), ("order", "", read.OrderId), ("payment", "", read.PaymentId),
            ];
            foreach (var (kind, client, id) in keys)
            {
                if (id is not null && leaders[i] == i && !seen.TryAdd((kind, client, id), i))
                {
                    leaders[i] = leaders[seen[(kind, client, id)]];
                }
            }
        }

        return leaders;
    }

    private static async Task ClaimAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ReadEvent> events,
        int[] leaders,
        Verdict?[] verdicts,
        CancellationToken cancellation)
    {
        var claiming = events
            .Where((read, i) => leaders[i] == i && verdicts[i] is null && read.Message is not ProductChanged)
            .ToArray();
        var first = await EventKeys.ClaimAsync(connection, claiming, cancellation);
        for (var i = 0; i < events.Count; i++)
        {
            if (first.TryGetValue(events[i].EventId, out var firstId))
            {
                verdicts[i] = new Verdict(VerdictStatus.Duplicate, firstId);
            }
        }
    }

    // A product that a group changes twice is written in two rounds, so that each change has its version.
    private static async Task<IReadOnlyDictionary<Guid, ProductVersion>> WriteProductsAsync(
        NpgsqlConnection connection,
        IReadOnlyList<ReadEvent> events,
        int[] leaders,
        Verdict?[] verdicts,
        CancellationToken cancellation)
    {
        var written = new Dictionary<Guid, ProductVersion>();
        var waiting = Enumerable.Range(0, events.Count)
            .Where(i => leaders[i] == i && verdicts[i] is null && events[i].Message is ProductChanged)
            .ToList();
        while (waiting.Count > 0)
        {
            var round = waiting.DistinctBy(i => ((ProductChanged)events[i].Message!).ProductId).ToArray();
            var changes = round.Select(i => (ProductChanged)events[i].Message!).ToArray();
            var versions = await ProductStore.WriteAsync(connection, changes, cancellation);
            foreach (var i in round)
            {
                var version = versions[((ProductChanged)events[i].Message!).ProductId];
                if (version.EventId == events[i].EventId)
                {
                    written[version.EventId] = version;
                }
                else
                {
                    verdicts[i] = new Verdict(VerdictStatus.Duplicate, version.EventId);
                }
            }

            waiting = [.. waiting.Except(round)];
        }

        return written;
    }

    // The events whose link is to be told: the first of the group for each link that is new.
    private static async Task<IReadOnlySet<Guid>> WriteCustomersAsync(
        NpgsqlConnection connection, ReadEvent[] accepted, CancellationToken cancellation)
    {
        await CustomerStore.WriteAsync(connection, accepted.Where(e => e.Message is CustomerIdentified), cancellation);
        var linking = accepted
            .Where(e => e is { AnonymousId: not null, CustomerId: not null, Message: not ProductChanged })
            .DistinctBy(e => (e.AnonymousId, e.CustomerId))
            .ToArray();
        if (linking.Length == 0)
        {
            return new HashSet<Guid>();
        }

        var added = await CustomerStore.LinkAsync(
            connection, [.. linking.Select(e => (e.AnonymousId!, e.CustomerId!))], linking[0].ReceivedAt, cancellation);
        return linking
            .Where(e => added.Contains((e.AnonymousId!, e.CustomerId!)))
            .Select(e => e.EventId)
            .ToHashSet();
    }

    // Interactions first, so that the rows of one message lie together in the log.
    private static (List<LogEntry> Entries, List<OutboxMessage> Messages) Compose(
        ReadEvent[] accepted, IReadOnlyDictionary<Guid, ProductVersion> products, IReadOnlySet<Guid> linked)
    {
        var entries = new List<LogEntry>(accepted.Length);
        var messages = new List<OutboxMessage>();
        CustomerIdentified? LinkOf(ReadEvent read) => linked.Contains(read.EventId) ? read.Link : null;

        foreach (var chunk in accepted.Where(e => e.Message is Interaction).Chunk(LargestMessage))
        {
            var busMessageId = Guid.CreateVersion7(chunk[0].ReceivedAt);
            var own = chunk.Select(e => new LogEntry(e, e.Message!, busMessageId, LinkOf(e))).ToArray();
            entries.AddRange(own);
            messages.Add(new OutboxMessage(
                busMessageId,
                typeof(InteractionsRecorded),
                InteractionsJson.Write(own.Select(entry => entry.Json)),
                chunk.Select(e => e.TraceParent).FirstOrDefault(trace => trace is not null)));
        }

        foreach (var read in accepted.Where(e => e.Message is not Interaction))
        {
            var message = read.Message is ProductChanged product
                ? product with { Version = products[read.EventId].Version }
                : read.Message!;
            var entry = new LogEntry(read, message, read.EventId, LinkOf(read));
            entries.Add(entry);
            messages.Add(new OutboxMessage(read.EventId, message.GetType(), entry.Json, read.TraceParent));
        }

        messages.AddRange(accepted.Select(LinkOf).OfType<CustomerIdentified>()
            .Select(link => new OutboxMessage(link.EventId, link, link.TraceParent)));
        return (entries, messages);
    }

    private static Verdict[] Conclude(IReadOnlyList<ReadEvent> events, int[] leaders, Verdict?[] verdicts) =>
        [.. leaders.Select((leader, i) =>
        {
            var verdict = verdicts[leader] ?? new Verdict(VerdictStatus.Accepted, events[leader].EventId);
            return leader == i ? verdict : new Verdict(VerdictStatus.Duplicate, verdict.EventId);
        })];

    private static List<NewRejection> Rejections(IReadOnlyList<ReadEvent> events, Verdict[] verdicts)
    {
        var rejections = new List<NewRejection>();
        foreach (var (read, verdict) in events.Zip(verdicts))
        {
            // What an erased customer sends is counted and not kept.
            if (verdict.Status == VerdictStatus.Duplicate || verdict.Rejection?.Reason == Reasons.Erased)
            {
                continue;
            }

            if (verdict.Rejection is { } why)
            {
                rejections.Add(new NewRejection(
                    read.EventId, false, read, why.Reason, why.Path, why.Detail, read.Payload));
            }

            rejections.AddRange(read.RejectedLines.Select(line => new NewRejection(
                Guid.CreateVersion7(read.ReceivedAt), true, read, line.Reason, line.Path, null, line.Payload)));
        }

        return rejections;
    }
}
