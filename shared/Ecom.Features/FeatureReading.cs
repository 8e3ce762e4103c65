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
            Aggregation.Max => Extreme(partial, definition, window, atMs) is { } most
                ? (most.Rank / (double)definition.Divisor, null, most.AtMs)
                : default,
            Aggregation.Min => Extreme(partial, definition, window, atMs) is { } least
                ? (~least.Rank / (double)definition.Divisor, null, least.AtMs)
                : default,
            Aggregation.TimeSinceFirst => Extreme(partial, definition, window, atMs) is { } first && first.AtMs <= atMs
                ? ((atMs - first.AtMs) / 1000.0, null, first.AtMs)
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

    private static Register? Extreme(Partial partial, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        Register? extreme = null;
        foreach (var register in Partial.Within(partial.Extremes, definition, window, atMs).Values)
        {
            extreme = extreme is { } held ? Register.Greater(held, register) : register;
        }

        return extreme;
    }

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

    private static (double?, string?, long?) Last(
        Partial partial, FeatureDefinition definition, TimeSpan window, long atMs)
    {
        if (partial.Newest is not { } last || last.AtMs > atMs || last.AtMs < atMs - (long)window.TotalMilliseconds)
        {
            return default;
        }

        if (definition.Aggregation == Aggregation.TimeSinceLast)
        {
            return ((atMs - last.AtMs) / 1000.0, null, last.AtMs);
        }

        return definition.Type == FeatureType.Text
            ? (null, last.Text, last.AtMs)
            : (long.Parse(last.Text!, CultureInfo.InvariantCulture) / (double)definition.Divisor, null, last.AtMs);
    }
}
