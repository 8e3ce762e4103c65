namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>A row of table parked_messages.</summary>
internal sealed record ParkedMessage
{
    public const string Parked = "parked";
    public const string Replayed = "replayed";
    public const string Discarded = "discarded";

    /// <summary>Order of parking; 0 before it is stored.</summary>
    public long Position { get; init; }

    public required Guid Id { get; init; }

    /// <summary>The consumer's queue.</summary>
    public required string Queue { get; init; }

    public required string MessageKey { get; init; }

    public required string? MessageId { get; init; }

    public required string? CorrelationId { get; init; }

    /// <summary>Full name of the contract; null where the body does not tell.</summary>
    public required string? MessageType { get; init; }

    public required string? ContentType { get; init; }

    /// <summary>The sender's headers, a JSON object.</summary>
    public required string Headers { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>Full name of the exception.</summary>
    public required string FaultType { get; init; }

    public required string FaultMessage { get; init; }

    /// <summary>Start of the stack; null if no exception was seen.</summary>
    public required string? FaultStack { get; init; }

    /// <summary>How often it came to the consumer, retries in memory not counted.</summary>
    public required int Attempts { get; init; }

    public required DateTimeOffset FirstFailedAt { get; init; }

    public required DateTimeOffset LastFailedAt { get; init; }

    /// <summary>Trace that the message belongs to; null if it carries none.</summary>
    public required string? TraceId { get; init; }

    /// <summary>"parked", "replayed" or "discarded".</summary>
    public string State { get; init; } = Parked;

    public DateTimeOffset? HandledAt { get; init; }

    /// <summary>Client whose key replayed or discarded it.</summary>
    public string? HandledBy { get; init; }

    public string? HandledReason { get; init; }
}

/// <summary>Which parked messages are meant; null parts mean all.</summary>
/// <param name="Queue">Name of the consumer's queue.</param>
/// <param name="Type">Name of the contract, full or its last part: "OrderPlaced".</param>
/// <param name="State">"parked", "replayed" or "discarded".</param>
internal sealed record ParkedFilter(string? Queue, string? Type, string? State);

/// <summary>How many messages of a queue failed of the same fault.</summary>
internal sealed record ParkedCount
{
    /// <summary>Name of the consumer's queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Full name of the exception.</summary>
    public required string Fault { get; init; }

    public required long Messages { get; init; }
}
