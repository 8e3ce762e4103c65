namespace Ecom.Features;

/// <summary>The length of a tile.</summary>
public enum TileLevel
{
    /// <summary>One minute, for windows up to one hour.</summary>
    Minute,

    /// <summary>One hour, for windows up to two days.</summary>
    Hour,

    /// <summary>One UTC day, for longer windows.</summary>
    Day,

    /// <summary>One millisecond: for the windows of exact definitions.</summary>
    Instant,
}

/// <summary>Event-time tiles, and what a window covers in them: one rule online and offline.</summary>
/// <remarks>
/// <para>
/// A window of length w read at instant t covers the whole tiles from the one that holds t − w to the one that holds t.
/// So an event of the last w is never missed, and nothing older than w plus one tile counts: "1 hour" is 60 to 61
/// minutes, "1 day" 24 to 25 hours, "30 days" the 30 days before today and today.
/// </para>
/// <para>
/// Distinct counts, last values and times since keep their event times and are exact: an event counts from t − w on,
/// inclusive.
/// </para>
/// <para>
/// The tiles of an exact definition are milliseconds, so that it counts exactly the events from t − w to t, both
/// included. That costs a field for each event, so its windows reach 30 days at most.
/// </para>
/// <para>
/// Tiles older than the longest window of their level plus a margin are dropped, counted from the newest event of the
/// entity: minutes after 2 hours, hours after 3 days, days after 372 days, milliseconds after 31 days. An event that
/// is later than that changes nothing.
/// </para>
/// </remarks>
public static class Tiles
{
    /// <summary>The longest window that a definition may have.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(365);

    /// <summary>The longest window that an exact definition may have.</summary>
    public static readonly TimeSpan LongestExactWindow = TimeSpan.FromDays(30);

    private static readonly long[] _lengths =
        [TimeSpan.MillisecondsPerMinute, TimeSpan.MillisecondsPerHour, TimeSpan.MillisecondsPerDay, 1];

    private static readonly long[] _kept =
    [
        2 * TimeSpan.MillisecondsPerHour,
        3 * TimeSpan.MillisecondsPerDay,
        372 * TimeSpan.MillisecondsPerDay,
        31 * TimeSpan.MillisecondsPerDay,
    ];

    /// <summary>How many levels there are.</summary>
    internal static int LevelCount => _lengths.Length;

    /// <summary>Length of a tile in milliseconds.</summary>
    public static long LengthMs(TileLevel level) => _lengths[(int)level];

    /// <summary>
    /// How long before the newest event of its entity a tile (or a member of a distinct count) is kept, in
    /// milliseconds.
    /// </summary>
    public static long KeptMs(TileLevel level) => _kept[(int)level];

    /// <summary>The level that serves a window of a definition that is not exact.</summary>
    public static TileLevel LevelOf(TimeSpan window) =>
        window <= TimeSpan.FromHours(1) ? TileLevel.Minute
        : window <= TimeSpan.FromDays(2) ? TileLevel.Hour
        : TileLevel.Day;

    /// <summary>Number of the tile that holds an instant; tile 0 begins in 1970.</summary>
    public static long IndexOf(TileLevel level, long atMs) =>
        Math.DivRem(atMs, _lengths[(int)level]) is var (whole, rest) && rest < 0 ? whole - 1 : whole;
}

/// <summary>One tile.</summary>
/// <param name="Level">Its length.</param>
/// <param name="Index">Its number, from 1970.</param>
public readonly record struct Tile(TileLevel Level, long Index)
{
    /// <summary>The tile of a level that holds an instant.</summary>
    public static Tile Holding(TileLevel level, long atMs) => new(level, Tiles.IndexOf(level, atMs));
}
