using System.Collections;

namespace Ecom.Features;

/// <summary>Values by tile, each level in the order of time: a window is one stretch of two arrays.</summary>
/// <remarks>
/// Adding at the end, as live events do, is constant; anywhere else it moves what is later. Not thread-safe.
/// </remarks>
internal sealed class TileMap<T> : IEnumerable<KeyValuePair<Tile, T>>
    where T : struct
{
    private readonly Level[] _levels = new Level[Tiles.LevelCount];

    /// <summary>The value of a tile, to be read and written; valid until the map changes next.</summary>
    /// <param name="tile">The tile; it is made if it is not there.</param>
    /// <param name="isNew">Whether it was made, with the default value.</param>
    public ref T At(Tile tile, out bool isNew)
    {
        ref var level = ref _levels[(int)tile.Level];
        level.Indexes ??= new long[4];
        level.Values ??= new T[4];
        var position = level.Count == 0 || level.Indexes[level.Count - 1] < tile.Index
            ? ~level.Count
            : Array.BinarySearch(level.Indexes, 0, level.Count, tile.Index);
        isNew = position < 0;
        if (isNew)
        {
            position = ~position;
            MakeRoom(ref level, position);
            level.Indexes![position] = tile.Index;
            level.Values![position] = default;
        }

        return ref level.Values![position];
    }

    /// <summary>What lies in the tiles of a level from one to another, both included.</summary>
    public Stretch Within(TileLevel name, long first, long last)
    {
        ref var level = ref _levels[(int)name];
        if (level.Count == 0)
        {
            return default;
        }

        var begin = FirstNotBefore(level, first);
        var end = level.Indexes![level.Count - 1] <= last ? level.Count : FirstNotBefore(level, last + 1);
        return begin >= end
            ? default
            : new Stretch(level.Indexes.AsSpan(begin, end - begin), level.Values.AsSpan(begin, end - begin));
    }

    /// <summary>Drops the tiles of a level before one.</summary>
    public void DropBefore(TileLevel name, long first)
    {
        ref var level = ref _levels[(int)name];
        if (level.Count == 0 || level.Indexes![0] >= first)
        {
            return;
        }

        var dropped = FirstNotBefore(level, first);
        level.Count -= dropped;
        Array.Copy(level.Indexes, dropped, level.Indexes, 0, level.Count);
        Array.Copy(level.Values!, dropped, level.Values!, 0, level.Count);
        Array.Clear(level.Values!, level.Count, dropped);
    }

    /// <summary>All tiles, level by level, in the order of time.</summary>
    public IEnumerator<KeyValuePair<Tile, T>> GetEnumerator()
    {
        for (var name = 0; name < _levels.Length; name++)
        {
            for (var position = 0; position < _levels[name].Count; position++)
            {
                yield return new KeyValuePair<Tile, T>(
                    new Tile((TileLevel)name, _levels[name].Indexes![position]), _levels[name].Values![position]);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int FirstNotBefore(in Level level, long index)
    {
        var position = Array.BinarySearch(level.Indexes!, 0, level.Count, index);
        return position < 0 ? ~position : position;
    }

    private static void MakeRoom(ref Level level, int position)
    {
        if (level.Count == level.Indexes!.Length)
        {
            Array.Resize(ref level.Indexes, 2 * level.Count);
            Array.Resize(ref level.Values, 2 * level.Count);
        }

        Array.Copy(level.Indexes, position, level.Indexes, position + 1, level.Count - position);
        Array.Copy(level.Values!, position, level.Values!, position + 1, level.Count - position);
        level.Count++;
    }

    /// <summary>Tiles next to each other in time, and their values.</summary>
    public readonly ref struct Stretch(ReadOnlySpan<long> indexes, ReadOnlySpan<T> values)
    {
        /// <summary>Numbers of the tiles, ascending.</summary>
        public ReadOnlySpan<long> Indexes { get; } = indexes;

        /// <summary>Their values.</summary>
        public ReadOnlySpan<T> Values { get; } = values;
    }

    private struct Level
    {
        public long[]? Indexes;
        public T[]? Values;
        public int Count;
    }
}
