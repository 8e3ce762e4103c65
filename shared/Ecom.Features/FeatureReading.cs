using System.Globalization;

namespace Ecom.Features;

/// <summary>Turns the partial aggregates of a window into a value.</summary>
internal static class FeatureReading
{
    /// <returns>Number or text, and the time of the newest event that counted; no time if none counted.</returns>
    public static (double? Number, string? Text, long? EventMs) Read(
        Partial partial, FeatureDefinition definition, TimeSpan window, long atMs) => definition.Aggregation switch
        {
            Aggregation.Count => Total(partial.Counts, definition, window, atMs),
            Aggregation.Sum => Total(partial.Sums, definition, window, atMs),
            Aggregation.Mean => Mean(partial, definition, window, atMs),
            Aggregation.Max => Extreme(partial, definition, window, atMs) is ({ } most, var newest)
                ? (most / (double)definition.Divisor, null, newest)
                : default,
            Aggregation.Min => Extreme(partial, definition, window, atMs) is ({ } least, var newest)
                ? (~least / (double)definition.Divisor, null, newest)
                : default,
            Aggregation.TimeSinceFirst => Extreme(partial, definition, window, atMs) is ({ } first, _) && ~first <= atMs
                ? ((atMs - ~first) / 1000.0, null, ~first)
                : default,
            Aggregation.TimeSinceLast => partial.NewestMs is { } last && IsWithin(last, window, atMs)
                ? ((atMs - last) / 1000.0, null, last)
                : default,
            Aggregation.Distinct => Distinct(partial, definition, window, atMs),
            _ => Last(partial, definition, window, atMs),
        };

    private static (double?, string?, long?) Total(
        TileMap<long> tiles, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        var stretch = Partial.Within(tiles, definition, window, atMs);
        return stretch.Indexes.IsEmpty
            ? default
            : (
                Total(stretch.Values) / (double)definition.Divisor,
                null,
                stretch.Indexes[^1] * Tiles.LengthMs(definition.LevelOf(window)));
    }

    private static (double?, string?, long?) Mean(
        Partial partial, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        var count = Total(Partial.Within(partial.Counts, definition, window, atMs).Values);
        var (sum, _, newest) = Total(partial.Sums, definition, window, atMs);
        return newest is null ? default : (sum / count, null, newest);
    }

    private static long Total(ReadOnlySpan<long> values)
    {
        long total = 0;
        foreach (var value in values)
        {
            total += value;
        }

        return total;
    }

    // The extreme, and the begin of the newest tile.
    private static (long?, long) Extreme(
        Partial partial, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        var stretch = Partial.Within(partial.Extremes, definition, window, atMs);
        if (stretch.Indexes.IsEmpty)
        {
            return default;
        }

        var extreme = stretch.Values[0];
        foreach (var value in stretch.Values)
        {
            extreme = Math.Max(extreme, value);
        }

        return (extreme, stretch.Indexes[^1] * Tiles.LengthMs(definition.LevelOf(window)));
    }

    private static bool IsWithin(long seenMs, TimeSpan window, long atMs) =>
        seenMs <= atMs && seenMs >= atMs - (long)window.TotalMilliseconds;

    private static (double?, string?, long?) Distinct(
        Partial partial, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        var since = atMs - (long)window.TotalMilliseconds;
        var count = 0;
        long? newest = null;
        foreach (var seenMs in partial.Members.Values)
        {
            if (seenMs >= since && seenMs <= atMs)
            {
                count++;
                newest = Math.Max(newest ?? 0, seenMs);
            }
        }

        var shown = Math.Min(count, FeatureSet.MemberCap);
        return newest is null ? default : (shown / (double)definition.Divisor, null, newest);
    }

    /// <summary>A distinct count of a window that ends with an event, that event included.</summary>
    public static double DistinctWith(Partial? partial, Feature feature, ShopEvent shopEvent)
    {
        var definition = feature.Definition;
        var member = shopEvent.Text(definition.Of!.Value);
        var since = shopEvent.AtMs - (long)feature.Window.TotalMilliseconds;
        var (count, isNew) = (0, member is not null);
        if (partial is not null)
        {
            foreach (var (other, seenMs) in partial.Members)
            {
                if (seenMs >= since && seenMs <= shopEvent.AtMs)
                {
                    count++;
                    isNew = isNew && other != member;
                }
            }
        }

        return Math.Min(count + (isNew ? 1 : 0), FeatureSet.MemberCap) / (double)definition.Divisor;
    }

    private static (double?, string?, long?) Last(
        Partial partial, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        if (partial.Newest is not { } last || !IsWithin(last.AtMs, window, atMs))
        {
            return default;
        }

        return definition.Type == FeatureType.Text
            ? (null, last.Text, last.AtMs)
            : (long.Parse(last.Text!, CultureInfo.InvariantCulture) / (double)definition.Divisor, null, last.AtMs);
    }
}
