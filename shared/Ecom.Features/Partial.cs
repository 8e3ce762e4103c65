using System.Globalization;

namespace Ecom.Features;

/// <summary>What one definition holds for one entity. Every part merges in any order.</summary>
internal sealed class Partial
{
    // A definition fills one or two of these: the others share an empty one.
    private static readonly TileMap<long> _noTotals = new();
    private static readonly Dictionary<string, long> _noMembers = [];

    private TileMap<long>? _counts;
    private TileMap<long>? _sums;
    private TileMap<long>? _extremes;
    private Dictionary<string, long>? _members;

    public TileMap<long> Counts => _counts ?? _noTotals;

    public TileMap<long> Sums => _sums ?? _noTotals;

    /// <summary>The greatest of numbers (of the complements ~n for minima and first times) by tile.</summary>
    public TileMap<long> Extremes => _extremes ?? _noTotals;

    /// <summary>Member → event time of its newest event, milliseconds.</summary>
    public Dictionary<string, long> Members => _members ?? _noMembers;

    /// <summary>The last value.</summary>
    public Register? Newest { get; private set; }

    /// <summary>Event time of the newest event, for times since.</summary>
    public long? NewestMs { get; private set; }

    public void Add(FeatureDefinition definition, TileLevel[] levels, ShopEvent shopEvent)
    {
        switch (definition.Aggregation)
        {
            case Aggregation.Distinct:
                See(shopEvent.Text(definition.Of!.Value)!, shopEvent.AtMs);
                return;
            case Aggregation.Last:
                Renew(RegisterOf(definition, shopEvent));
                return;
            case Aggregation.TimeSinceLast:
                SeeAt(shopEvent.AtMs);
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
                    Raise(tile, number);
                    break;
                case Aggregation.Min:
                    Raise(tile, ~number);
                    break;
                case Aggregation.TimeSinceFirst:
                    Raise(tile, ~shopEvent.AtMs);
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

        foreach (var (tile, extreme) in other.Extremes)
        {
            Raise(tile, extreme);
        }

        foreach (var (member, atMs) in other.Members)
        {
            See(member, atMs);
        }

        if (other.Newest is { } newest)
        {
            Renew(newest);
        }

        if (other.NewestMs is { } newestMs)
        {
            SeeAt(newestMs);
        }
    }

    public void AddCount(Tile tile, long count) => (_counts ??= new()).At(tile, out _) += count;

    public void AddSum(Tile tile, long sum) => (_sums ??= new()).At(tile, out _) += sum;

    public void See(string member, long atMs)
    {
        _members ??= [];
        _members[member] = _members.TryGetValue(member, out var seen) ? Math.Max(seen, atMs) : atMs;
    }

    public void Renew(Register register) =>
        Newest = Newest is { } newest ? Register.Greater(newest, register) : register;

    public void SeeAt(long atMs) => NewestMs = Math.Max(NewestMs ?? atMs, atMs);

    public void Raise(Tile tile, long extreme)
    {
        ref var held = ref (_extremes ??= new()).At(tile, out var isNew);
        held = isNew ? extreme : Math.Max(held, extreme);
    }

    /// <summary>
    /// Drops what no read can reach any more: see <see cref="Tiles"/> and <see cref="FeatureSet.MemberCap"/>.
    /// </summary>
    public void Prune(long newestMs, Retention retention)
    {
        Drop(Counts, newestMs, retention);
        Drop(Sums, newestMs, retention);
        Drop(Extremes, newestMs, retention);
        var oldest = newestMs - retention.MembersMs;
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

    /// <summary>The tiles of a window that hold something, in the order of time.</summary>
    public static TileMap<T>.Stretch Within<T>(
        TileMap<T> tiles, FeatureDefinition definition, TimeSpan window, long atMs)
        where T : struct
    {
        var level = definition.LevelOf(window);
        return tiles.Within(
            level, Tiles.IndexOf(level, atMs - (long)window.TotalMilliseconds), Tiles.IndexOf(level, atMs));
    }

    private static Register RegisterOf(FeatureDefinition definition, ShopEvent shopEvent)
    {
        var carried = shopEvent.Text(definition.Of!.Value)
            ?? shopEvent.Number(definition.Of.Value)!.Value.ToString(CultureInfo.InvariantCulture);
        return new Register(shopEvent.AtMs, shopEvent.Id, shopEvent.Line, carried);
    }

    private static void Drop<T>(TileMap<T> tiles, long newestMs, Retention retention)
        where T : struct
    {
        for (var level = TileLevel.Minute; (int)level < Tiles.LevelCount; level++)
        {
            tiles.DropBefore(level, Tiles.IndexOf(level, newestMs - retention.TilesMs[(int)level]));
        }
    }
}
