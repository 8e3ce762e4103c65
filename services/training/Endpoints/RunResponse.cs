using System.Text.Json;
using Ecom.Training.Runs;
using Ecom.Training.Storage;

namespace Ecom.Training.Endpoints;

/// <summary>A page of runs.</summary>
internal sealed record RunPage
{
    public required IReadOnlyList<RunResponse> Runs { get; init; }

    /// <summary>Cursor of the next page; null at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>A run.</summary>
internal sealed record RunResponse
{
    public required Guid RunId { get; init; }

    public required string Trainer { get; init; }

    public required string Model { get; init; }

    public required string Reason { get; init; }

    public required string RequestedBy { get; init; }

    public required JsonElement Options { get; init; }

    /// <summary>queued, running, succeeded, failed or cancelled.</summary>
    public required string State { get; init; }

    /// <summary>Share done, 0 to 1.</summary>
    public required double Progress { get; init; }

    public required string Stage { get; init; }

    /// <summary>Why it failed and what to do.</summary>
    public string? Error { get; init; }

    /// <summary>The last lines of its process.</summary>
    public required string Log { get; init; }

    public required bool CancelRequested { get; init; }

    public required int Attempt { get; init; }

    public string? Owner { get; init; }

    public DataSet? DataSet { get; init; }

    /// <summary>Time and memory of what it fits, foretold; null before the data are read.</summary>
    public IReadOnlyList<PredictedFit>? Predictions { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public static RunResponse Of(RunRow run) => new()
    {
        RunId = run.RunId,
        Trainer = run.Trainer,
        Model = run.Model,
        Reason = run.Reason,
        RequestedBy = run.RequestedBy,
        Options = JsonSerializer.Deserialize<JsonElement>(run.Options),
        State = run.State,
        Progress = run.Progress,
        Stage = run.Stage,
        Error = run.Error,
        Log = run.Log,
        CancelRequested = run.CancelRequested,
        Attempt = run.Attempt,
        Owner = run.Owner,
        DataSet = run.DataSet is null
            ? null
            : JsonSerializer.Deserialize<DataSet>(run.DataSet, JsonSerializerOptions.Web),
        Predictions = run.Predictions is null
            ? null
            : JsonSerializer.Deserialize<PredictedFit[]>(run.Predictions, JsonSerializerOptions.Web),
        QueuedAt = run.QueuedAt,
        StartedAt = run.StartedAt,
        EndedAt = run.EndedAt,
    };
}
