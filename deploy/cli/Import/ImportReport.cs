namespace Ecom.Cli.Import;

/// <summary>What an import came to.</summary>
internal sealed record ImportReport
{
    public required string Source { get; init; }

    /// <summary>Lines of the file; 0 if there is no file.</summary>
    public required int Lines { get; init; }

    /// <summary>Lines that repeat another one; not sent.</summary>
    public required int DuplicateLinesInFile { get; init; }

    /// <summary>Products that the catalogue took.</summary>
    public required int Products { get; init; }

    /// <summary>Products that the catalogue refused, by reason.</summary>
    public required IReadOnlyDictionary<string, int> RejectedProducts { get; init; }

    /// <summary>Verdicts on the events and their lines.</summary>
    public required Tally Tally { get; init; }

    /// <summary>Days by which dates were shifted.</summary>
    public double ShiftDays { get; init; }

    /// <summary>Batches that an interrupted import had sent before.</summary>
    public int ResumedBatches { get; init; }

    public required double Seconds { get; init; }

    public double EventsPerSecond => Seconds > 0 ? Math.Round(Tally.Events / Seconds) : 0;

    public int DuplicateLines => DuplicateLinesInFile + Tally.DuplicateLines;

    public int RejectedLines => Tally.RejectedLines.Values.Sum();

    /// <summary>Whether every line is part of an accepted event, a duplicate, or rejected with a reason.</summary>
    public bool AddsUp => Tally.AcceptedLines + DuplicateLines + RejectedLines == Lines;
}
