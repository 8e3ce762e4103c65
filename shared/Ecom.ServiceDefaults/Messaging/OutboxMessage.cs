namespace Ecom.ServiceDefaults.Messaging;

/// <summary>A message that is to be published once the transaction that holds it commits.</summary>
/// <param name="MessageId">Its id on the bus; the same on every redelivery.</param>
/// <param name="Message">A record of Ecom.Contracts.</param>
/// <param name="TraceParent">Trace to publish it in; null starts none of its own.</param>
public sealed record OutboxMessage(Guid MessageId, object Message, string? TraceParent = null);
