using System.Text.Json;
using MassTransit.Serialization;

namespace Ecom.FeatureStore.Jobs;

/// <summary>Reads ingestion's log: the bus messages again, with the ids that they had.</summary>
internal sealed class IngestionLog(HttpClient http)
{
    private const int EventsAtOnce = 2_000;

    /// <summary>The page behind a cursor; null begins.</summary>
    public async Task<LogPage> ReadAsync(string? cursor, CancellationToken cancellation)
    {
        var after = cursor is null ? string.Empty : $"&after={Uri.EscapeDataString(cursor)}";
        return await http.GetFromJsonAsync<LogPage>($"v1/log?limit={EventsAtOnce}{after}", cancellation)
            ?? throw new InvalidOperationException("Ingestion answered its log with nothing.");
    }
}

/// <summary>A page of the log.</summary>
internal sealed record LogPage
{
    public required IReadOnlyList<LogMessage> Messages { get; init; }

    /// <summary>Cursor of the next page.</summary>
    public required string Next { get; init; }

    /// <summary>Whether nothing lay behind this page.</summary>
    public required bool CaughtUp { get; init; }
}

/// <summary>One bus message of the log.</summary>
internal sealed record LogMessage
{
    public required Guid MessageId { get; init; }

    /// <summary>Full name of the contract.</summary>
    public required string Type { get; init; }

    public required JsonElement Body { get; init; }

    /// <summary>The contract message, read as the bus reads it.</summary>
    public T As<T>() => Body.Deserialize<T>(SystemTextJsonMessageSerializer.Options)
        ?? throw new InvalidOperationException($"Message {MessageId} of ingestion's log is empty.");
}
