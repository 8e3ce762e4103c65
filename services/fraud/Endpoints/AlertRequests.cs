using System.Text.Json;
using Ecom.Fraud.Alerts;

namespace Ecom.Fraud.Endpoints;

/// <summary>Somebody has seen it.</summary>
internal sealed record AcknowledgeRequest
{
    /// <summary>The version that was seen; null: whatever it is.</summary>
    public int? Version { get; init; }
}

/// <summary>Who works on it.</summary>
internal sealed record AssignRequest
{
    /// <summary>1–100 characters; null for nobody.</summary>
    public string? Assignee { get; init; }

    /// <summary>The version that was seen; null: whatever it is.</summary>
    public int? Version { get; init; }
}

/// <summary>How it ended.</summary>
internal sealed record ResolveRequest
{
    /// <summary>confirmed_fraud, suspected, false_positive or inconclusive; required.</summary>
    public string? Outcome { get; init; }

    public string? Note { get; init; }

    /// <summary>The version that was seen; null: whatever it is.</summary>
    public int? Version { get; init; }
}

/// <summary>The verdict on an alert.</summary>
internal sealed record CloseRequest
{
    /// <summary>Whether it was fraud; required.</summary>
    public bool? Fraud { get; init; }

    public string? Note { get; init; }
}

/// <summary>A part of an alert's payments.</summary>
internal sealed record PaymentPage
{
    public required IReadOnlyList<AlertPayment> Items { get; init; }

    /// <summary>What to send as <c>after</c> for the part that follows.</summary>
    public required string Next { get; init; }
}

/// <summary>What happened, by whom, when.</summary>
internal sealed record EventResponse
{
    public required long Position { get; init; }

    public required string Kind { get; init; }

    /// <summary>Version of the alert or case after it.</summary>
    public required int Version { get; init; }

    /// <summary>Client whose key made it; null if a payment did.</summary>
    public required string? By { get; init; }

    public required DateTimeOffset At { get; init; }

    public required JsonElement Data { get; init; }

    public static EventResponse Of(LoggedEvent one) => new()
    {
        Position = one.Position,
        Kind = one.Kind,
        Version = one.Version,
        By = one.MadeBy,
        At = one.At,
        Data = JsonSerializer.Deserialize<JsonElement>(one.Body),
    };

    public static Page<EventResponse> PageOf(IReadOnlyList<LoggedEvent> events, long after) => new()
    {
        Items = [.. events.Select(Of)],
        Next = events.Count > 0 ? events[^1].Position : after,
    };
}
