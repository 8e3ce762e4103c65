using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ecom.Features;

/// <summary>A feature: one definition at one window.</summary>
/// <param name="Name">Definition and window, for example <c>customer_orders_30d</c>.</param>
/// <param name="Definition">The definition.</param>
/// <param name="Window">The window.</param>
/// <param name="Slot">Position of the definition among those of its entity kind.</param>
public sealed record Feature(string Name, FeatureDefinition Definition, TimeSpan Window, int Slot);

/// <summary>A checked list of definitions, and the fold of events into them.</summary>
public sealed partial class FeatureSet
{
    /// <summary>
    /// Members that one distinct count keeps for one entity, the newest first: 1,000. A count of 1,000 means "1,000
    /// or more".
    /// </summary>
    public const int MemberCap = 1000;

    private static readonly EntityKind[] _kinds = Enum.GetValues<EntityKind>();

    private readonly FeatureDefinition[][] _definitions;
    private readonly Feature[][] _features;
    private readonly TileLevel[][][] _levels;
    private readonly Retention[][] _retentions;
    private readonly string[] _retentionTexts;
    private readonly byte[][][] _names;
    private readonly List<int>?[,] _slotsOf = new List<int>[_kinds.Length, Enum.GetValues<ShopEventKind>().Length];

    /// <summary>Checks and takes definitions.</summary>
    /// <exception cref="ArgumentException">A definition is wrong, or two features share a name; the message says
    /// which.</exception>
    public FeatureSet(IEnumerable<FeatureDefinition> definitions)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        Definitions = [.. definitions];
        foreach (var definition in Definitions)
        {
            Check(definition);
        }

        _definitions = [.. _kinds.Select(kind => Definitions.Where(d => d.Entity == Defining(kind)).ToArray())];
        _features = [.. _definitions.Select(FeaturesOf)];
        _levels = [.. _definitions.Select(group => group.Select(LevelsOf).ToArray())];
        _retentions = [.. _definitions.Select(group => group.Select(Retention.Of).ToArray())];
        _retentionTexts = [.. _definitions.Zip(_retentions, Retention.Encode)];
        _names = [.. _definitions.Select(group => group.Select(d => Encoding.UTF8.GetBytes(d.Name)).ToArray())];
        foreach (var name in _kinds.Where(kind => kind == Defining(kind)).SelectMany(kind => _features[(int)kind])
            .GroupBy(feature => feature.Name).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            throw new ArgumentException($"Two features are named '{name}'.", nameof(definitions));
        }

        FillSlots();
        Version = Convert.ToHexStringLower(SHA256.HashData(
            JsonSerializer.SerializeToUtf8Bytes(new { StateCodec.Format, Definitions })))[..12];
    }

    /// <summary>The definitions in the order given.</summary>
    public IReadOnlyList<FeatureDefinition> Definitions { get; }

    /// <summary>
    /// Twelve hexadecimal digits that change with any definition. Another version needs another generation of state.
    /// </summary>
    public string Version { get; }

    /// <summary>The definitions of a kind; a visitor has those of customers.</summary>
    public IReadOnlyList<FeatureDefinition> DefinitionsOf(EntityKind kind) => _definitions[(int)kind];

    /// <summary>The features of a kind; a visitor has those of customers.</summary>
    public IReadOnlyList<Feature> FeaturesOf(EntityKind kind) => _features[(int)kind];

    /// <summary>The longest window of a kind; zero if it has no features.</summary>
    public TimeSpan LongestWindow(EntityKind kind) =>
        _features[(int)kind].Select(feature => feature.Window).DefaultIfEmpty().Max();

    /// <summary>What one message adds, entity by entity.</summary>
    /// <param name="messageId">Id of the bus message: it counts once for each entity.</param>
    /// <param name="events">Its events.</param>
    /// <returns>One delta an entity, ordered by kind and id; entities that no definition touches are left
    /// out.</returns>
    public IReadOnlyList<EntityDelta> Fold(Guid messageId, IReadOnlyList<ShopEvent> events) =>
        Fold([KeyValuePair.Create(messageId, events)]);

    /// <summary>What several messages add together, entity by entity.</summary>
    /// <param name="messages">Ids, each once, and events. They must not change afterwards.</param>
    /// <returns>As for one message.</returns>
    public IReadOnlyList<EntityDelta> Fold(IReadOnlyList<KeyValuePair<Guid, IReadOnlyList<ShopEvent>>> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var folds = new Dictionary<EntityKey, (EntityState State, List<Guid> Messages)>();
        foreach (var (message, events) in messages)
        {
            foreach (var shopEvent in events)
            {
                foreach (var entity in Touched(shopEvent))
                {
                    if (!folds.TryGetValue(entity, out var fold))
                    {
                        folds[entity] = fold = (new EntityState(this, entity.Kind), []);
                    }

                    fold.State.Add(shopEvent);
                    if (fold.Messages.Count == 0 || fold.Messages[^1] != message)
                    {
                        fold.Messages.Add(message);
                    }
                }
            }
        }

        return
        [
            .. folds.OrderBy(pair => pair.Key.Kind).ThenBy(pair => pair.Key.Id, StringComparer.Ordinal)
                .Select(pair => new EntityDelta(pair.Key, pair.Value.Messages, pair.Value.State)
                {
                    MadeApart = pair.Value.Messages.Count == 1 ? null : () => Apart(pair.Key, messages),
                }),
        ];
    }

    private IEnumerable<EntityDelta> Apart(
        EntityKey entity, IReadOnlyList<KeyValuePair<Guid, IReadOnlyList<ShopEvent>>> messages) =>
        messages.SelectMany(message => Fold([message])).Where(delta => delta.Entity == entity);

    /// <summary>The entities whose state an event changes.</summary>
    public IEnumerable<EntityKey> Touched(ShopEvent shopEvent)
    {
        ArgumentNullException.ThrowIfNull(shopEvent);
        foreach (var kind in _kinds)
        {
            if (shopEvent.EntityId(kind) is { } id
                && (SlotsOf(kind, shopEvent.Kind).Length > 0 || Links(kind, shopEvent)))
            {
                yield return new EntityKey(kind, id);
            }
        }
    }

    internal ReadOnlySpan<int> SlotsOf(EntityKind kind, ShopEventKind shopEvent) =>
        CollectionsMarshal.AsSpan(_slotsOf[(int)kind, (int)shopEvent]);

    internal TileLevel[] LevelsOf(EntityKind kind, int slot) => _levels[(int)kind][slot];

    internal Retention RetentionOf(EntityKind kind, int slot) => _retentions[(int)kind][slot];

    /// <summary>What the script that changes states needs in order to drop what no window reaches.</summary>
    internal string RetentionTextOf(EntityKind kind) => _retentionTexts[(int)kind];

    /// <param name="kind">Kind of entity.</param>
    /// <param name="name">Name of a definition, as UTF-8.</param>
    /// <returns>-1 if the kind has no such definition.</returns>
    internal int SlotNamed(EntityKind kind, ReadOnlySpan<byte> name)
    {
        var names = _names[(int)kind];
        for (var slot = 0; slot < names.Length; slot++)
        {
            if (name.SequenceEqual(names[slot]))
            {
                return slot;
            }
        }

        return -1;
    }

    internal static bool Links(EntityKind kind, ShopEvent shopEvent) =>
        kind == EntityKind.Customer && shopEvent is { Kind: ShopEventKind.CustomerIdentified, Anonymous: not null };

    private static EntityKind Defining(EntityKind kind) => kind == EntityKind.Visitor ? EntityKind.Customer : kind;

    private static Feature[] FeaturesOf(FeatureDefinition[] definitions) =>
    [
        .. definitions.SelectMany((definition, slot) => definition.Windows.Select(
            window => new Feature(definition.FeatureName(window), definition, window, slot))),
    ];

    private static TileLevel[] LevelsOf(FeatureDefinition definition) =>
        [.. definition.Windows.Select(definition.LevelOf).Distinct().Order()];

    private void FillSlots()
    {
        foreach (var kind in _kinds)
        {
            foreach (var (slot, definition) in _definitions[(int)kind].Index())
            {
                foreach (var shopEvent in definition.Events)
                {
                    (_slotsOf[(int)kind, (int)shopEvent] ??= []).Add(slot);
                }
            }
        }
    }

    private static void Check(FeatureDefinition definition)
    {
        var name = definition.Name;
        Require(SnakeCase().IsMatch(name), "a name is lower-case snake_case");
        Require(definition.Entity != EntityKind.Visitor, "define it for customers: visitors share their features");
        Require(definition.Events.Count > 0 && definition.Events.Distinct().Count() == definition.Events.Count,
            "it needs events, each once");
        Require(definition.Windows.Count > 0, "it needs a window");
        Require(
            definition.Windows.All(window => window >= TimeSpan.FromMinutes(1) && window <= Tiles.LongestWindow
                && window.Ticks % TimeSpan.TicksPerMinute == 0),
            "a window is 1 minute to 365 days in whole minutes");
        Require(definition.Divisor >= 1, "a divisor is at least 1");
        Require(definition.Filter.All(condition => IsText(condition.Field)), "a filter names a text field");
        Require(FieldFits(definition), "the aggregation does not fit the field it is of");
        Require(definition.Description.Length > 0, "it needs a description");
        Require(definition.Owner.Length > 0, "it needs an owner");

        void Require(bool isMet, string rule)
        {
            if (!isMet)
            {
                throw new ArgumentException($"Feature definition '{name}': {rule}.", nameof(definition));
            }
        }
    }

    private static bool FieldFits(FeatureDefinition definition) => definition.Aggregation switch
    {
        Aggregation.Sum or Aggregation.Mean or Aggregation.Min or Aggregation.Max =>
            definition.Of is { } number && !IsText(number),
        Aggregation.Distinct => definition.Of is { } text && IsText(text),
        Aggregation.Last => definition.Of is { } any && IsText(any) == (definition.Type == FeatureType.Text),
        _ => definition.Of is null,
    };

    private static bool IsText(EventField field) =>
        field is not (EventField.Amount or EventField.LogAmount or EventField.LogAmountSquared
            or EventField.Quantity or EventField.Rating);

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex SnakeCase();
}
