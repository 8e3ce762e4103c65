namespace Ecom.Training.Registry;

/// <summary>A live metric that is worse than expected.</summary>
internal sealed record Degradation(string Metric, double Value, double Expected);

/// <summary>Compares live quality with a configured floor, or with the model's own past.</summary>
internal static class QualityCheck
{
    /// <summary>The metrics that are worse than expected.</summary>
    /// <param name="measured">Metric name to value.</param>
    /// <param name="past">Mean of the same metrics over the past; a metric that is missing has none.</param>
    /// <param name="options">Floors, tolerance, and which metrics are errors.</param>
    public static IEnumerable<Degradation> Find(
        IReadOnlyDictionary<string, double> measured,
        IReadOnlyDictionary<string, double> past,
        TrainingOptions options)
    {
        foreach (var (metric, value) in measured.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var isError = options.LowerIsBetter.Contains(metric, StringComparer.Ordinal);
            if (ExpectedOf(metric, isError, past, options) is not { } expected)
            {
                continue;
            }

            if (isError ? value > expected : value < expected)
            {
                yield return new Degradation(metric, value, expected);
            }
        }
    }

    private static double? ExpectedOf(
        string metric, bool isError, IReadOnlyDictionary<string, double> past, TrainingOptions options)
    {
        if (options.QualityFloors.TryGetValue(metric, out var floor))
        {
            return floor;
        }

        return past.TryGetValue(metric, out var mean)
            ? mean * (isError ? 1 + options.QualityTolerance : 1 - options.QualityTolerance)
            : null;
    }
}
