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

    /// <summary>Thirty days, for graded windows longer than 60 days.</summary>
    Month,
}

/// <summary>How the length of tiles follows from the length of windows.</summary>
public enum Tiling
{
    /// <summary>Minutes for windows up to one hour, hours up to two days, days beyond.</summary>
    Plain,

    /// <summary>
    /// Minutes for windows up to one hour, hours up to seven days, days up to 60, thirty days beyond: a week to the
    /// hour, and a year of an entity that is busy every day in thirteen tiles.
    /// </summary>
    Graded,
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
/// Tiles that no window of their definition reaches are dropped after a margin, counted from the newest event of the
/// entity: one hour for minutes, one day for hours, seven days for the others and for members of distinct counts. An
/// event that is later than that changes nothing.
/// </para>
/// </remarks>
public static class Tiles
{
    /// <summary>The longest window that a definition may have.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(365);

    private static readonly long[] _lengths =
    [
        TimeSpan.MillisecondsPerMinute, TimeSpan.MillisecondsPerHour, TimeSpan.MillisecondsPerDay,
        30 * TimeSpan.MillisecondsPerDay,
    ];

    private static readonly long[] _margins =
    [
        TimeSpan.MillisecondsPerHour, TimeSpan.MillisecondsPerDay, 7 * TimeSpan.MillisecondsPerDay,
        7 * TimeSpan.MillisecondsPerDay,
    ];

    /// <summary>How many levels there are.</summary>
    internal static int LevelCount => _lengths.Length;

    /// <summary>Length of a tile in milliseconds.</summary>
    public static long LengthMs(TileLevel level) => _lengths[(int)level];

    /// <summary>How long before the newest event of its entity a tile is kept, in milliseconds.</summary>
    /// <param name="level">Its length.</param>
    /// <param name="window">The longest window that it serves.</param>
    public static long KeptMs(TileLevel level, TimeSpan window) =>
        (long)window.TotalMilliseconds + _lengths[(int)level] + _margins[(int)level];

    /// <summary>How long before the newest event of its entity a member of a distinct count is kept, in milliseconds.
    /// </summary>
    /// <param name="window">The longest window of the count.</param>
    public static long MembersKeptMs(TimeSpan window) =>
        (long)window.TotalMilliseconds + _margins[(int)TileLevel.Day];

    /// <summary>The level that serves a window.</summary>
    public static TileLevel LevelOf(TimeSpan window, Tiling tiling) =>
        window <= TimeSpan.FromHours(1) ? TileLevel.Minute
        : window <= TimeSpan.FromDays(tiling == Tiling.Graded ? 7 : 2) ? TileLevel.Hour
        : tiling == Tiling.Graded && window > TimeSpan.FromDays(60) ? TileLevel.Month
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
