namespace Ecom.Features;

/// <summary>What one message, or several, add to one entity: see <c>FeatureSet.Fold</c>.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="MessageIds">The messages, each once: applying one of them again adds nothing.</param>
/// <param name="Partial">The state that the messages' events alone give.</param>
public sealed record EntityDelta(EntityKey Entity, IReadOnlyList<Guid> MessageIds, EntityState Partial)
{
    /// <summary>The same message by message, for when some of them are in already; null for one message.</summary>
    internal Func<IEnumerable<EntityDelta>>? MadeApart { get; init; }

    /// <summary>The same message by message.</summary>
    internal IEnumerable<EntityDelta> Apart() => MadeApart?.Invoke() ?? [this];
}
