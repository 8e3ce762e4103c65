using System.Text.Json.Serialization;

namespace Ecom.Features;

/// <summary>How events of a window become one value.</summary>
public enum Aggregation
{
    /// <summary>Number of events.</summary>
    Count,

    /// <summary>Sum of a number.</summary>
    Sum,

    /// <summary>Sum of a number over the number of events that have it.</summary>
    Mean,

    /// <summary>Smallest number.</summary>
    Min,

    /// <summary>Greatest number.</summary>
    Max,

    /// <summary>How many different texts.</summary>
    Distinct,

    /// <summary>The newest event's text or number; equal times are ordered by event id, then line.</summary>
    Last,

    /// <summary>Seconds from the newest event to the instant of the read.</summary>
    TimeSinceLast,

    /// <summary>Seconds from the oldest event of the window to the instant of the read.</summary>
    TimeSinceFirst,
}

/// <summary>What a feature's value is.</summary>
public enum FeatureType
{
    /// <summary>Whole number.</summary>
    Integer,

    /// <summary>Real number.</summary>
    Real,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Seconds, with milliseconds as fraction.</summary>
    Seconds,
}

/// <summary>A condition on an event.</summary>
/// <param name="Field">A text field.</param>
/// <param name="Value">What it must equal.</param>
public sealed record FieldEquals(EventField Field, string Value);

/// <summary>One definition, used online and offline: which events of an entity become which values.</summary>
/// <remarks>Each window gives one feature, named <c>name_window</c>: <c>customer_orders_30d</c>.</remarks>
public sealed record FeatureDefinition
{
    /// <summary>
    /// Lower-case snake_case name, unique in its set; part of the stored fields, so it never changes meaning.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>What it is about. Customer features are kept for visitors too.</summary>
    public required EntityKind Entity { get; init; }

    /// <summary>The events that count, at least one kind.</summary>
    public required IReadOnlyList<ShopEventKind> Events { get; init; }

    /// <summary>Conditions that an event must all meet; empty by default.</summary>
    public IReadOnlyList<FieldEquals> Filter { get; init; } = [];

    /// <summary>How events become a value.</summary>
    public required Aggregation Aggregation { get; init; }

    /// <summary>
    /// What is aggregated: a number for sum, mean, min and max; a text for distinct; either for last; none for the
    /// others. An event without it does not count.
    /// </summary>
    public EventField? Of { get; init; }

    /// <summary>What values are divided by, at least 1: 100 turns hundredths into units. Default 1.</summary>
    public int Divisor { get; init; } = 1;

    /// <summary>How long its tiles are: see <see cref="Tiles"/>. Default <see cref="Tiling.Plain"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Tiling Tiling { get; init; }

    /// <summary>
    /// One or more windows of 1 minute to 365 days, in whole minutes. See <see cref="Tiles"/> for what a window
    /// covers.
    /// </summary>
    public required IReadOnlyList<TimeSpan> Windows { get; init; }

    /// <summary>The value when no event is in the window; null is "missing". Default null.</summary>
    public double? Default { get; init; }

    /// <summary>What the value is.</summary>
    public required FeatureType Type { get; init; }

    /// <summary>What it means, in one sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Who answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>The feature's name for one of its windows.</summary>
    public string FeatureName(TimeSpan window) => $"{Name}_{WindowName(window)}";

    /// <summary>Whether an event counts for this definition, its entity apart.</summary>
    public bool Accepts(ShopEvent shopEvent)
    {
        ArgumentNullException.ThrowIfNull(shopEvent);
        foreach (var condition in Filter)
        {
            if (shopEvent.Text(condition.Field) != condition.Value)
            {
                return false;
            }
        }

        return Of is not { } field || shopEvent.Number(field) is not null || shopEvent.Text(field) is not null;
    }

    /// <summary>The level of tiles that serves one of its windows.</summary>
    public TileLevel LevelOf(TimeSpan window) => Tiles.LevelOf(window, Tiling);

    private static string WindowName(TimeSpan window) =>
        window.Ticks % TimeSpan.TicksPerDay == 0 ? $"{window.Ticks / TimeSpan.TicksPerDay}d"
        : window.Ticks % TimeSpan.TicksPerHour == 0 ? $"{window.Ticks / TimeSpan.TicksPerHour}h"
        : $"{window.Ticks / TimeSpan.TicksPerMinute}m";
}
