namespace Ecom.Cli.Import;

/// <summary>Counts of verdicts, by event and by line of the file.</summary>
internal sealed record Tally
{
    public int AcceptedEvents { get; set; }

    public int DuplicateEvents { get; set; }

    /// <summary>Rejected events by reason.</summary>
    public SortedDictionary<string, int> RejectedEvents { get; init; } = new(StringComparer.Ordinal);

    public int AcceptedLines { get; set; }

    /// <summary>Lines of events that the server had already.</summary>
    public int DuplicateLines { get; set; }

    /// <summary>Rejected lines by reason, of accepted and of rejected events.</summary>
    public SortedDictionary<string, int> RejectedLines { get; init; } = new(StringComparer.Ordinal);

    public int Events => AcceptedEvents + DuplicateEvents + RejectedEvents.Values.Sum();

    public int Lines => AcceptedLines + DuplicateLines + RejectedLines.Values.Sum();

    public void Count(Verdict verdict, int lines)
    {
        switch (verdict.Status)
        {
            case Verdict.Accepted:
                AcceptedEvents++;
                CountRejectedLines(verdict);
                AcceptedLines += Math.Max(0, lines - verdict.RejectedLines.Count);
                break;
            case Verdict.Duplicate:
                DuplicateEvents++;
                DuplicateLines += lines;
                break;
            default:
                var reason = verdict.Reason ?? "unknown";
                Increase(RejectedEvents, reason, 1);
                CountRejectedLines(verdict);
                // Its other lines, if any, went with the event; for an event from no file nobody counts lines.
                Increase(RejectedLines, reason, Math.Max(0, lines - verdict.RejectedLines.Count));
                break;
        }
    }

    public void Add(Tally other)
    {
        AcceptedEvents += other.AcceptedEvents;
        DuplicateEvents += other.DuplicateEvents;
        AcceptedLines += other.AcceptedLines;
        DuplicateLines += other.DuplicateLines;
        foreach (var (reason, count) in other.RejectedEvents)
        {
            Increase(RejectedEvents, reason, count);
        }

        foreach (var (reason, count) in other.RejectedLines)
        {
            Increase(RejectedLines, reason, count);
        }
    }

    private void CountRejectedLines(Verdict verdict)
    {
        foreach (var line in verdict.RejectedLines)
        {
            Increase(RejectedLines, line.Reason, 1);
        }
    }

    private static void Increase(SortedDictionary<string, int> counts, string reason, int by)
    {
        if (by != 0)
        {
            counts[reason] = counts.GetValueOrDefault(reason) + by;
        }
    }
}
