namespace Ecom.Algorithms.Classification;

/// <summary>How well scores tell two classes apart, and how true probabilities are.</summary>
/// <remarks>Cost n log n for the ranks. Deterministic; scores that are equal count as one threshold.</remarks>
public static class BinaryMetrics
{
    /// <summary>Area under the ROC curve; equal scores count half. NaN if a class is missing.</summary>
    /// <param name="scores">Any finite scores, higher is more positive.</param>
    /// <param name="labels">Whether each is positive; as many.</param>
    public static double Auc(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var order = Descending(scores, labels);
        double wins = 0;
        long positives = 0, negatives = 0;
        for (var begin = 0; begin < order.Length;)
        {
            var end = EndOfEqual(scores, order, begin);
            var hits = Positives(labels, order, begin, end);
            var misses = end - begin - hits;
            wins += misses * (positives + (hits / 2.0));
            positives += hits;
            negatives += misses;
            begin = end;
        }

        return wins / ((double)positives * negatives);
    }

    /// <summary>Average precision: precision at each threshold, weighted by the recall it adds.</summary>
    /// <param name="scores">Any finite scores, higher is more positive.</param>
    /// <param name="labels">Whether each is positive; as many.</param>
    /// <returns>NaN if nothing is positive.</returns>
    public static double AveragePrecision(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        var order = Descending(scores, labels);
        double sum = 0;
        long positives = 0;
        for (var begin = 0; begin < order.Length;)
        {
            var end = EndOfEqual(scores, order, begin);
            var hits = Positives(labels, order, begin, end);
            positives += hits;
            sum += hits * (positives / (double)end);
            begin = end;
        }

        return sum / positives;
    }

    /// <summary>Mean negative log-likelihood of probabilities, which are kept 1e-15 away from 0 and 1.</summary>
    public static double LogLoss(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        Check(probabilities, labels);
        double sum = 0;
        for (var at = 0; at < labels.Length; at++)
        {
            var p = Math.Clamp(probabilities[at], 1e-15, 1 - 1e-15);
            sum -= Math.Log(labels[at] ? p : 1 - p);
        }

        return sum / labels.Length;
    }

    /// <summary>Mean squared error of probabilities.</summary>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        Check(probabilities, labels);
        double sum = 0;
        for (var at = 0; at < labels.Length; at++)
        {
            var error = probabilities[at] - (labels[at] ? 1 : 0);
            sum += error * error;
        }

        return sum / labels.Length;
    }

    /// <summary>Mean |predicted − observed| over bins of equal mass of the highest scores.</summary>
    /// <param name="scores">What decides which are the highest; equal scores stay in the order given.</param>
    /// <param name="probabilities">What is judged.</param>
    /// <param name="labels">What happened.</param>
    /// <param name="share">Share of the rows that is judged, above 0 to 1; 1 is the expected calibration error.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    public static double CalibrationError(
        ReadOnlySpan<double> scores,
        ReadOnlySpan<double> probabilities,
        ReadOnlySpan<bool> labels,
        double share,
        int bins)
    {
        Check(probabilities, labels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        var order = Descending(scores, labels);
        var judged = (int)Math.Round(share * order.Length);
        double sum = 0;
        for (var bin = 0; bin < bins; bin++)
        {
            var (begin, end) = ((int)((long)judged * bin / bins), (int)((long)judged * (bin + 1) / bins));
            double predicted = 0;
            for (var at = begin; at < end; at++)
            {
                predicted += probabilities[order[at]];
            }

            sum += Math.Abs(predicted - Positives(labels, order, begin, end)) / Math.Max(1, end - begin);
        }

        return sum / bins;
    }

    private static int[] Descending(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        Check(scores, labels);
        var keys = new (double Score, int At)[scores.Length];
        for (var at = 0; at < keys.Length; at++)
        {
            keys[at] = (-scores[at], at);
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => key.At);
    }

    private static int EndOfEqual(ReadOnlySpan<double> scores, int[] order, int begin)
    {
        var end = begin + 1;
        while (end < order.Length && scores[order[end]] == scores[order[begin]])
        {
            end++;
        }

        return end;
    }

    private static int Positives(ReadOnlySpan<bool> labels, int[] order, int begin, int end)
    {
        var count = 0;
        for (var at = begin; at < end; at++)
        {
            count += labels[order[at]] ? 1 : 0;
        }

        return count;
    }

    private static void Check(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels) =>
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, labels.Length);
}
