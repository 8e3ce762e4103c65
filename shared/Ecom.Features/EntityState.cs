namespace Ecom.Features;

/// <summary>The partial aggregates of one entity: what Redis holds online and what a replay holds offline.</summary>
/// <remarks>
/// Adding events, applying deltas and merging states commute: any order gives the same state. Not thread-safe.
/// A read at t covers the events added so far that fall into the windows at t; online that is the present, offline
/// a replay adds the events before t and no other (<see cref="FeatureReplay"/>).
/// </remarks>
/// <param name="set">The definitions.</param>
/// <param name="kind">What the entity is.</param>
public sealed class EntityState(FeatureSet set, EntityKind kind)
{
    private readonly Partial?[] _partials = new Partial?[set.DefinitionsOf(kind).Count];
    private readonly Dictionary<string, long> _links = [];
    private HashSet<Guid>? _applied;

    /// <summary>What the entity is.</summary>
    public EntityKind Kind => kind;

    /// <summary>The definitions.</summary>
    public FeatureSet Set => set;

    /// <summary>Event time of the newest event, milliseconds since 1970; 0 if there was none.</summary>
    public long NewestMs { get; private set; }

    /// <summary>Event time of the newest event; null if there was none.</summary>
    public DateTimeOffset? NewestAt => NewestMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(NewestMs);

    /// <summary>
    /// The anonymous ids that turned out to be this customer. A shared browser can belong to several customers.
    /// </summary>
    public IReadOnlyCollection<string> AnonymousIds => _links.Keys;

    internal IReadOnlyDictionary<string, long> Links => _links;

    /// <summary>Adds one event of this entity. The caller sees to it that no event is added twice.</summary>
    public void Add(ShopEvent shopEvent)
    {
        ArgumentNullException.ThrowIfNull(shopEvent);
        SeeAt(shopEvent.AtMs);
        if (FeatureSet.Links(kind, shopEvent))
        {
            Link(shopEvent.Anonymous!, shopEvent.AtMs);
        }

        foreach (var slot in set.SlotsOf(kind, shopEvent.Kind))
        {
            var definition = set.DefinitionsOf(kind)[slot];
            if (definition.Accepts(shopEvent))
            {
                PartialOf(slot).Add(definition, set.LevelsOf(kind, slot), shopEvent);
            }
        }
    }

    /// <summary>Adds of a delta what was not applied before.</summary>
    /// <returns>How many of its messages were new.</returns>
    public int Apply(EntityDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        _applied ??= [];
        if (delta.MessageIds.Any(_applied.Contains))
        {
            return delta.MessageIds.Count == 1 ? 0 : delta.Apart().Sum(Apply);
        }

        _applied.UnionWith(delta.MessageIds);
        Merge(delta.Partial);
        return delta.MessageIds.Count;
    }

    /// <summary>Adds all of another state: of a message, or of an anonymous id.</summary>
    /// <exception cref="ArgumentException">It is of another set of definitions.</exception>
    public void Merge(EntityState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!ReferenceEquals(other.Set, set))
        {
            throw new ArgumentException("A state of other definitions cannot be merged.", nameof(other));
        }

        SeeAt(other.NewestMs);
        foreach (var (anonymous, atMs) in other._links)
        {
            Link(anonymous, atMs);
        }

        for (var slot = 0; slot < _partials.Length; slot++)
        {
            if (other._partials[slot] is { } partial)
            {
                PartialOf(slot).Merge(partial);
            }
        }
    }

    /// <summary>All features at an instant, in the order of their definitions.</summary>
    public IReadOnlyList<FeatureValue> Read(DateTimeOffset at) =>
        [.. set.FeaturesOf(kind).Select(feature => Read(feature, at))];

    /// <summary>One feature at an instant.</summary>
    /// <param name="feature">A feature of this state's set and kind.</param>
    /// <param name="at">The instant; milliseconds count.</param>
    public FeatureValue Read(Feature feature, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(feature);
        var definition = feature.Definition;
        var atMs = at.ToUnixTimeMilliseconds();
        var (number, text, eventMs) = _partials[feature.Slot] is { } partial
            ? FeatureReading.Read(partial, definition, feature.Window, atMs)
            : default;
        return eventMs is null
            ? new FeatureValue { Name = feature.Name, Number = definition.Default, IsDefault = true }
            : new FeatureValue
            {
                Name = feature.Name,
                Number = number,
                Text = text,
                EventAt = DateTimeOffset.FromUnixTimeMilliseconds(eventMs.Value),
                IsDefault = false,
            };
    }

    /// <summary>The number of one feature at an instant, its default included; null if missing or a text.</summary>
    /// <remarks>The same number as <see cref="Read(Feature, DateTimeOffset)"/> gives, and nothing beside it.</remarks>
    /// <param name="feature">A feature of this state's set and kind.</param>
    /// <param name="atMs">The instant, milliseconds since 1970.</param>
    public double? Number(Feature feature, long atMs)
    {
        ArgumentNullException.ThrowIfNull(feature);
        var definition = feature.Definition;
        return _partials[feature.Slot] is { } partial
            && FeatureReading.Read(partial, definition, feature.Window, atMs) is { EventMs: not null } read
                ? read.Number
                : definition.Default;
    }

    /// <summary>What a distinct count would be with one more event, which is not added.</summary>
    /// <param name="feature">A distinct count of this state's set and kind.</param>
    /// <param name="shopEvent">The event; what was at its instant counts too.</param>
    public double NumberWith(Feature feature, ShopEvent shopEvent)
    {
        ArgumentNullException.ThrowIfNull(feature);
        ArgumentNullException.ThrowIfNull(shopEvent);
        return FeatureReading.DistinctWith(_partials[feature.Slot], feature, shopEvent);
    }

    /// <summary>Whether what a distinct count would count of an event was there in the window before.</summary>
    /// <param name="feature">A distinct count of this state's set and kind.</param>
    /// <param name="shopEvent">The event; what was at its instant counts too.</param>
    public bool HasSeen(Feature feature, ShopEvent shopEvent)
    {
        ArgumentNullException.ThrowIfNull(feature);
        ArgumentNullException.ThrowIfNull(shopEvent);
        return shopEvent.Text(feature.Definition.Of!.Value) is { } member
            && _partials[feature.Slot]?.Members.TryGetValue(member, out var seenMs) == true
            && seenMs <= shopEvent.AtMs && seenMs >= shopEvent.AtMs - (long)feature.Window.TotalMilliseconds;
    }

    /// <summary>What a distinct count has seen, with the last time of each.</summary>
    /// <param name="feature">A distinct count of this state's set and kind.</param>
    /// <param name="fromMs">First instant, milliseconds since 1970.</param>
    /// <param name="toMs">Last instant, included.</param>
    public IEnumerable<KeyValuePair<string, long>> Seen(Feature feature, long fromMs, long toMs)
    {
        ArgumentNullException.ThrowIfNull(feature);
        return _partials[feature.Slot]?.Members.Where(member => member.Value >= fromMs && member.Value <= toMs) ?? [];
    }

    /// <summary>
    /// Every field of the state as Redis stores it, unreachable tiles left out. Equal states give equal fields.
    /// </summary>
    public IReadOnlyDictionary<string, string> Fields() =>
        StateCodec.Fields(this).ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);

    internal Partial? PartialAt(int slot) => _partials[slot];

    internal Partial PartialOf(int slot) => _partials[slot] ??= new Partial();

    internal void SeeAt(long atMs) => NewestMs = Math.Max(NewestMs, atMs);

    internal void Link(string anonymous, long atMs) =>
        _links[anonymous] = Math.Max(_links.GetValueOrDefault(anonymous), atMs);

    internal void Prune()
    {
        for (var slot = 0; slot < _partials.Length; slot++)
        {
            _partials[slot]?.Prune(NewestMs, set.RetentionOf(kind, slot));
        }
    }
}
