namespace Ecom.Fraud.Webhooks;

/// <summary>A subscription. Its secret is shown once, when it is made.</summary>
internal sealed record Webhook
{
    public required Guid WebhookId { get; init; }

    public required string Url { get; init; }

    /// <summary>Kinds of events; empty is all.</summary>
    public required string[] Kinds { get; init; }

    /// <summary>Until when the secret before the last rotation signs too; null if it does not.</summary>
    public required DateTimeOffset? PreviousUntil { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Deliveries that wait.</summary>
    public required int Pending { get; init; }

    /// <summary>Deliveries that were given up: dead letters.</summary>
    public required int Dead { get; init; }
}

/// <summary>An event on its way to a webhook.</summary>
internal sealed record Delivery
{
    /// <summary>The same at every attempt and replay: the receiver tells by it what it has.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>The cursor of lists.</summary>
    public required long Number { get; init; }

    /// <summary>Position of the event.</summary>
    public required long Position { get; init; }

    public required string Kind { get; init; }

    /// <summary>pending, delivered or dead.</summary>
    public required string State { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset NextAt { get; init; }

    /// <summary>Status of the last answer; null if there was none.</summary>
    public required int? LastStatus { get; init; }

    public required string? LastError { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>All that an attempt needs.</summary>
internal sealed record DueDelivery
{
    public required Guid DeliveryId { get; init; }

    public required string Url { get; init; }

    public required byte[] Secret { get; init; }

    public required byte[]? PreviousSecret { get; init; }

    public required DateTimeOffset? PreviousUntil { get; init; }

    public required int Attempts { get; init; }

    public required Guid EventId { get; init; }

    public required long Position { get; init; }

    public required string Kind { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Body { get; init; }
}

/// <summary>How an attempt ended.</summary>
/// <param name="IsDelivered">Whether the receiver said 2xx.</param>
/// <param name="Status">Its answer; null if it gave none.</param>
/// <param name="Error">What went wrong; null if nothing.</param>
internal sealed record Attempt(bool IsDelivered, int? Status, string? Error);
