using System.Globalization;

namespace Ecom.Features;

/// <summary>What one definition holds for one entity. Every part merges in any order.</summary>
internal sealed class Partial
{
    private static ReadOnlySpan<TileLevel> Levels => [TileLevel.Minute, TileLevel.Hour, TileLevel.Day];

    // A definition fills one or two of these: the others share an empty one.
    private static readonly Dictionary<Tile, long> _noTotals = [];
    private static readonly Dictionary<Tile, Register> _noRegisters = [];
    private static readonly Dictionary<string, long> _noMembers = [];

    private Dictionary<Tile, long>? _counts;
    private Dictionary<Tile, long>? _sums;
    private Dictionary<Tile, Register>? _extremes;
    private Dictionary<string, long>? _members;

    public Dictionary<Tile, long> Counts => _counts ?? _noTotals;

    public Dictionary<Tile, long> Sums => _sums ?? _noTotals;

    public Dictionary<Tile, Register> Extremes => _extremes ?? _noRegisters;

    /// <summary>Member → event time of its newest event, milliseconds.</summary>
    public Dictionary<string, long> Members => _members ?? _noMembers;

    public Register? Newest { get; private set; }

    public void Add(FeatureDefinition definition, IReadOnlyList<TileLevel> levels, ShopEvent shopEvent)
    {
        switch (definition.Aggregation)
        {
            case Aggregation.Distinct:
                See(shopEvent.Text(definition.Of!.Value)!, shopEvent.AtMs);
                return;
            case Aggregation.Last:
            case Aggregation.TimeSinceLast:
                Renew(RegisterOf(definition, shopEvent, shopEvent.AtMs));
                return;
        }

        var number = definition.Of is { } field ? shopEvent.Number(field)!.Value : 0;
        foreach (var level in levels)
        {
            var tile = Tile.Holding(level, shopEvent.AtMs);
            switch (definition.Aggregation)
            {
                case Aggregation.Count:
                    AddCount(tile, 1);
                    break;
                case Aggregation.Sum:
                    AddSum(tile, number);
                    break;
                case Aggregation.Mean:
                    AddCount(tile, 1);
                    AddSum(tile, number);
                    break;
                case Aggregation.Max:
                    Raise(tile, RegisterOf(definition, shopEvent, number));
                    break;
                case Aggregation.Min:
                    Raise(tile, RegisterOf(definition, shopEvent, ~number));
                    break;
                case Aggregation.TimeSinceFirst:
                    Raise(tile, RegisterOf(definition, shopEvent, ~shopEvent.AtMs));
                    break;
            }
        }
    }

    public void Merge(Partial other)
    {
        foreach (var (tile, count) in other.Counts)
        {
            AddCount(tile, count);
        }

        foreach (var (tile, sum) in other.Sums)
        {
            AddSum(tile, sum);
        }

        foreach (var (tile, register) in other.Extremes)
        {
            Raise(tile, register);
        }

        foreach (var (member, atMs) in other.Members)
        {
            See(member, atMs);
        }

        if (other.Newest is { } newest)
        {
            Renew(newest);
        }
    }

    public void AddCount(Tile tile, long count) => Accumulate(_counts ??= [], tile, count);

    public void AddSum(Tile tile, long sum) => Accumulate(_sums ??= [], tile, sum);

    public void See(string member, long atMs)
    {
        _members ??= [];
        _members[member] = _members.TryGetValue(member, out var seen) ? Math.Max(seen, atMs) : atMs;
    }

    public void Renew(Register register) =>
        Newest = Newest is { } newest ? Register.Greater(newest, register) : register;

    public void Raise(Tile tile, Register register)
    {
        _extremes ??= [];
        _extremes[tile] = _extremes.TryGetValue(tile, out var held) ? Register.Greater(held, register) : register;
    }

    /// <summary>
    /// Drops what no read can reach any more: see <see cref="Tiles"/> and <see cref="FeatureSet.MemberCap"/>.
    /// </summary>
    public void Prune(long newestMs)
    {
        Drop(Counts, newestMs);
        Drop(Sums, newestMs);
        Drop(Extremes, newestMs);
        var oldest = newestMs - Tiles.KeptMs(TileLevel.Day);
        foreach (var (member, seenMs) in Members)
        {
            if (seenMs < oldest)
            {
                Members.Remove(member);
            }
        }

        if (Members.Count > FeatureSet.MemberCap)
        {
            foreach (var (member, _) in Members.OrderByDescending(member => member.Value)
                .ThenBy(member => member.Key, StringComparer.Ordinal).Skip(FeatureSet.MemberCap).ToArray())
            {
                Members.Remove(member);
            }
        }
    }

    /// <summary>The tiles of a window that hold something, in no order.</summary>
    public static IEnumerable<KeyValuePair<Tile, T>> Within<T>(Dictionary<Tile, T> tiles, TimeSpan window, long atMs)
    {
        var level = Tiles.LevelOf(window);
        var first = Tiles.IndexOf(level, atMs - (long)window.TotalMilliseconds);
        var last = Tiles.IndexOf(level, atMs);
        if (last - first > tiles.Count)
        {
            return tiles.Where(pair => pair.Key.Level == level && pair.Key.Index >= first && pair.Key.Index <= last);
        }

        return Probe(tiles, level, first, last);
    }

    private static IEnumerable<KeyValuePair<Tile, T>> Probe<T>(
        Dictionary<Tile, T> tiles, TileLevel level, long first, long last)
    {
        for (var index = first; index <= last; index++)
        {
            var tile = new Tile(level, index);
            if (tiles.TryGetValue(tile, out var value))
            {
                yield return new KeyValuePair<Tile, T>(tile, value);
            }
        }
    }

    private static Register RegisterOf(FeatureDefinition definition, ShopEvent shopEvent, long rank)
    {
        var carried = definition.Aggregation == Aggregation.Last
            ? shopEvent.Text(definition.Of!.Value)
                ?? shopEvent.Number(definition.Of.Value)!.Value.ToString(CultureInfo.InvariantCulture)
            : null;
        return new Register(rank, shopEvent.AtMs, shopEvent.Id, shopEvent.Line, carried);
    }

    private static void Accumulate(Dictionary<Tile, long> tiles, Tile tile, long amount) =>
        tiles[tile] = tiles.GetValueOrDefault(tile) + amount;

    // A dictionary may lose entries while it is walked.
    private static void Drop<T>(Dictionary<Tile, T> tiles, long newestMs)
    {
        Span<long> oldest = stackalloc long[Levels.Length];
        foreach (var level in Levels)
        {
            oldest[(int)level] = Tiles.IndexOf(level, newestMs - Tiles.KeptMs(level));
        }

        foreach (var tile in tiles.Keys)
        {
            if (tile.Index < oldest[(int)tile.Level])
            {
                tiles.Remove(tile);
            }
        }
    }
}
