namespace Ecom.ServiceDefaults.Messaging;

/// <summary>A message that is to be published once the transaction that holds it commits.</summary>
/// <param name="MessageId">Its id on the bus; the same on every redelivery.</param>
/// <param name="Type">A record of Ecom.Contracts.</param>
/// <param name="Json">The message as UTF-8 JSON, as <see cref="Outbox.Serialize"/> writes it.</param>
/// <param name="TraceParent">Trace to publish it in; null starts none of its own.</param>
public sealed record OutboxMessage(Guid MessageId, Type Type, byte[] Json, string? TraceParent = null)
{
    /// <summary>A message that is not written as JSON yet.</summary>
    /// <param name="messageId">Its id on the bus.</param>
    /// <param name="message">A record of Ecom.Contracts.</param>
    /// <param name="traceParent">Trace to publish it in; null starts none of its own.</param>
    public OutboxMessage(Guid messageId, object message, string? traceParent = null)
        : this(messageId, message.GetType(), Outbox.Serialize(message), traceParent)
    {
    }
}
