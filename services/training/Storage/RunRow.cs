namespace Ecom.Training.Storage;

/// <summary>A run that is to be queued.</summary>
internal sealed record NewRun
{
    public required Guid RunId { get; init; }

    public required string Trainer { get; init; }

    public required string Model { get; init; }

    /// <summary>Why: "manual", "drift", "degradation", …</summary>
    public required string Reason { get; init; }

    /// <summary>Client of the key, or the message that asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>The trainer's complete options as JSON.</summary>
    public required string Options { get; init; }

    /// <summary>Trace that the run belongs to.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>How far a run is.</summary>
/// <param name="Share">Share done, 0 to 1.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Predictions">What its models take, foretold; null before it is known.</param>
internal sealed record RunProgress(
    double Share, string Stage, IReadOnlyList<Runs.PredictedFit>? Predictions = null);

/// <summary>How a run ended.</summary>
/// <param name="State">One of <see cref="RunState"/>.</param>
/// <param name="Log">The last lines that its process wrote.</param>
internal sealed record RunEnd(string State, string Log)
{
    public string? Error { get; init; }

    public Runs.DataSet? DataSet { get; init; }
}

/// <summary>The states of a run.</summary>
internal static class RunState
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> All { get; } = [Queued, Running, Succeeded, Failed, Cancelled];
}

/// <summary>A row of <c>runs</c>.</summary>
internal sealed record RunRow
{
    public required long Position { get; init; }

    public required Guid RunId { get; init; }

    public required string Trainer { get; init; }

    public required string Model { get; init; }

    public required string Reason { get; init; }

    public required string RequestedBy { get; init; }

    public required string Options { get; init; }

    public required string State { get; init; }

    public required double Progress { get; init; }

    public required string Stage { get; init; }

    public required string Log { get; init; }

    public string? Error { get; init; }

    public required bool CancelRequested { get; init; }

    public required int Attempt { get; init; }

    public string? Owner { get; init; }

    public string? DataSet { get; init; }

    public string? Predictions { get; init; }

    public string? TraceParent { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}
