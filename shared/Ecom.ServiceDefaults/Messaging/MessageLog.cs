using System.Net.Http.Json;
using System.Text.Json;
using MassTransit.Serialization;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Reads the log of the service that publishes: the bus messages again, with the ids that they had. Register it with
/// <c>AddServiceClient&lt;MessageLog&gt;("Ingestion")</c>.
/// </summary>
/// <param name="http">Has the address of the service.</param>
public sealed class MessageLog(HttpClient http)
{
    private const int EventsAtOnce = 2_000;

    /// <summary>The page behind a cursor.</summary>
    /// <param name="cursor">What the page before named as the next; null begins.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="HttpRequestException">The service cannot be reached, or refuses.</exception>
    public async Task<LogPage> ReadAsync(string? cursor, CancellationToken cancellation)
    {
        var after = cursor is null ? string.Empty : $"&after={Uri.EscapeDataString(cursor)}";
        return await http.GetFromJsonAsync<LogPage>($"v1/log?limit={EventsAtOnce}{after}", cancellation)
            ?? throw new InvalidOperationException("The log answered with nothing.");
    }
}

/// <summary>A page of the log.</summary>
public sealed record LogPage
{
    /// <summary>In the order of the log.</summary>
    public required IReadOnlyList<LogMessage> Messages { get; init; }

    /// <summary>Cursor of the next page.</summary>
    public required string Next { get; init; }

    /// <summary>Whether nothing that was accepted lay behind this page.</summary>
    public required bool CaughtUp { get; init; }
}

/// <summary>One bus message of the log.</summary>
public sealed record LogMessage
{
    /// <summary>The id that the message had on the bus.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Full name of the contract.</summary>
    public required string Type { get; init; }

    /// <summary>The message as it was sent.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>Name of the contract without its namespace.</summary>
    public string Name => Type[(Type.LastIndexOf('.') + 1)..];

    /// <summary>The contract message, read as the bus reads it.</summary>
    public T As<T>() => Body.Deserialize<T>(SystemTextJsonMessageSerializer.Options)
        ?? throw new InvalidOperationException($"Message {MessageId} of the log is empty.");
}
