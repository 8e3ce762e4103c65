using System.Collections.Concurrent;
using Ecom.Cli.Import;

namespace Ecom.Cli.Bench.Faults;

/// <summary>What the system promised: its answers to every event, of every attempt.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private int _contradictions;
    private int _retries;

    /// <summary>Requests that got no answer, or were told to come again.</summary>
    public int Retries => _retries;

    /// <summary>Events to which the system gave two different answers.</summary>
    public int Contradictions => _contradictions;

    /// <summary>Events that were never answered.</summary>
    public int Unanswered => _entries.Values.Count(entry => entry.EventId is null && !entry.Rejected);

    /// <summary>Good events that were refused and bad ones that were not.</summary>
    public int Misjudged => _entries.Values.Count(entry =>
        entry.Rejected ? entry.Fact is not null : entry is { Fact: null, EventId: not null });

    public int Rejected => _entries.Values.Count(entry => entry.Rejected);

    public int Sent => _entries.Count;

    /// <summary>The system's own ids of all events that it said are on disk.</summary>
    public IReadOnlySet<Guid> Promised =>
        _entries.Values.Select(entry => entry.EventId).OfType<Guid>().ToHashSet();

    /// <summary>What is true by these answers.</summary>
    public IEnumerable<Fact> Facts =>
        _entries.Values.Where(entry => entry.EventId is not null).Select(entry => entry.Fact).OfType<Fact>();

    public void Expect(PlannedEvent planned) => _entries.TryAdd(planned.MessageId, new Entry(planned.Fact));

    public void Retried() => Interlocked.Increment(ref _retries);

    public void Answer(string messageId, string status, Guid eventId)
    {
        var entry = _entries[messageId];
        lock (entry)
        {
            if (status == Verdict.Rejected)
            {
                entry.Rejected = true;
            }
            else if (entry.EventId is { } known && known != eventId)
            {
                Interlocked.Increment(ref _contradictions);
            }
            else
            {
                entry.EventId = eventId;
            }
        }
    }

    private sealed class Entry(Fact? fact)
    {
        public Fact? Fact => fact;

        public Guid? EventId { get; set; }

        public bool Rejected { get; set; }
    }
}
