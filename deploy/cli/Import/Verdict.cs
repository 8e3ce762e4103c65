namespace Ecom.Cli.Import;

/// <summary>What ingestion says of one event or product.</summary>
internal sealed record Verdict
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Rejected = "rejected";

    /// <summary>"accepted", "duplicate" or "rejected".</summary>
    public required string Status { get; init; }

    /// <summary>Why it was rejected as a whole; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Lines that were refused, also those of an event that was refused as a whole.</summary>
    public IReadOnlyList<RejectedLine> RejectedLines { get; init; } = [];
}

/// <summary>A line that was refused.</summary>
internal sealed record RejectedLine
{
    public required string Reason { get; init; }
}
