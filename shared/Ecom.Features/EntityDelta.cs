namespace Ecom.Features;

/// <summary>What one message adds to one entity.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="MessageId">The message: applying it again adds nothing.</param>
/// <param name="Partial">The state that the message's events alone give.</param>
public sealed record EntityDelta(EntityKey Entity, Guid MessageId, EntityState Partial);
