namespace Ecom.Features;

/// <summary>The states of many entities in memory: what Redis is online, for replays and back-tests.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="set">The definitions.</param>
public sealed class FeatureMemory(FeatureSet set)
{
    private readonly Dictionary<EntityKey, EntityState> _states = [];

    /// <summary>The state of an entity, visitors apart; null if no event touched it.</summary>
    public EntityState? Find(EntityKey entity) => _states.GetValueOrDefault(entity);

    /// <summary>Adds an event to every entity that it touches.</summary>
    /// <param name="shopEvent">The event; the caller sees to it that none is added twice.</param>
    public void Add(ShopEvent shopEvent)
    {
        foreach (var entity in set.Touched(shopEvent))
        {
            Add(entity, shopEvent);
        }
    }

    internal void Add(EntityKey entity, ShopEvent shopEvent)
    {
        if (!_states.TryGetValue(entity, out var state))
        {
            _states[entity] = state = new EntityState(set, entity.Kind);
        }

        state.Add(shopEvent);
    }

    internal void Clear() => _states.Clear();
}
