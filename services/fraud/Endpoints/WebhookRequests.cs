using Ecom.Fraud.Webhooks;

namespace Ecom.Fraud.Endpoints;

/// <summary>A subscription to be made.</summary>
internal sealed record WebhookRequest
{
    /// <summary>Where to: https, a public address; required.</summary>
    public string? Url { get; init; }

    /// <summary>Kinds of events; null or empty is all.</summary>
    public string[]? Kinds { get; init; }
}

/// <summary>A new secret: it is shown this once.</summary>
internal sealed record SecretResponse
{
    /// <summary>The key of the HMAC, the whole text.</summary>
    public required string Secret { get; init; }

    public required Webhook Webhook { get; init; }
}

/// <summary>A rotation.</summary>
internal sealed record RotateRequest
{
    /// <summary>How long the secret until now signs too: 0–168 hours, 24 by default.</summary>
    public int? OverlapHours { get; init; }
}

/// <summary>Which ended deliveries to send again.</summary>
internal sealed record ReplayRequest
{
    /// <summary>First position of an event; null is the first.</summary>
    public long? From { get; init; }

    /// <summary>Last position; null is the last.</summary>
    public long? To { get; init; }

    /// <summary>True sends delivered ones again too; else dead letters only.</summary>
    public bool Delivered { get; init; }
}

/// <summary>What a replay did.</summary>
internal sealed record ReplayResponse
{
    /// <summary>Deliveries that are sent again.</summary>
    public required int Replayed { get; init; }
}
