namespace Ecom.ServiceDefaults.Messaging;

/// <summary>The queues that this service consumes.</summary>
/// <param name="Names">Queue names, one for each consumer.</param>
internal sealed record ConsumerQueues(IReadOnlyList<string> Names);
