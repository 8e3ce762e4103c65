using System.Runtime.InteropServices;

namespace Ecom.Algorithms.Classification;

/// <summary>A logistic regression as it is served: a term for each feature, against the mean of what was learnt from.
/// </summary>
/// <remarks>
/// A value becomes its deviation from the mean in standard deviations, at most <see cref="Reach"/> of them, so that
/// one odd value does not decide alone. A missing value counts as the mean; that it is missing has a weight of its own
/// where it happened in training. Fitted by <see cref="LogisticRegression"/>. Cost: features. Deterministic.
/// </remarks>
public sealed class LogisticTerms : IMarginModel
{
    /// <summary>Most deviations from the mean that a value counts.</summary>
    public const float Reach = 5;

    private readonly LogisticTerm[] _terms;

    /// <summary>Takes terms.</summary>
    /// <param name="intercept">Log-odds of the mean row.</param>
    /// <param name="terms">One for each feature; all numbers finite, scales not negative.</param>
    /// <exception cref="ArgumentException">A number is not sound.</exception>
    public LogisticTerms(double intercept, IReadOnlyList<LogisticTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentOutOfRangeException.ThrowIfZero(terms.Count, nameof(terms));
        if (!double.IsFinite(intercept) || !terms.All(term => term.IsSound))
        {
            throw new ArgumentException("The terms are not sound.", nameof(terms));
        }

        (Intercept, _terms) = (intercept, [.. terms]);
    }

    /// <summary>Log-odds of the mean row.</summary>
    public double Intercept { get; }

    /// <inheritdoc/>
    public int Features => _terms.Length;

    /// <summary>The terms, one for each feature.</summary>
    public IReadOnlyList<LogisticTerm> Terms => _terms;

    /// <summary>Fits.</summary>
    /// <param name="rows">Row by row, as many values as features; NaN is missing.</param>
    /// <param name="features">Values of a row, at least 1.</param>
    /// <param name="labels">Whether each row is positive; both classes must occur.</param>
    /// <param name="penalty">Of squared weights, not negative. Default 1.</param>
    /// <exception cref="ArgumentException">Sizes differ, or a class is missing.</exception>
    public static LogisticTerms Fit(
        ReadOnlySpan<float> rows, int features, bool[] labels, double penalty = 1)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        if (rows.Length != (long)features * labels.Length)
        {
            throw new ArgumentException("There must be as many labels as rows.", nameof(labels));
        }

        var scales = new (double Mean, double Scale, double Missing)[features];
        for (var feature = 0; feature < features; feature++)
        {
            scales[feature] = ScaleOf(rows, features, feature);
        }

        int[] gaps = [.. Enumerable.Range(0, features).Where(feature => scales[feature].Missing is > 0 and < 1)];
        var width = features + gaps.Length;
        var table = new float[(long)width * labels.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            var from = rows.Slice(row * features, features);
            var to = table.AsSpan(row * width, width);
            for (var feature = 0; feature < features; feature++)
            {
                to[feature] = (float)Deviation(from[feature], scales[feature].Mean, scales[feature].Scale);
            }

            for (var gap = 0; gap < gaps.Length; gap++)
            {
                to[features + gap] = float.IsNaN(from[gaps[gap]]) ? 1 : 0;
            }
        }

        var model = LogisticRegression.Fit(table, width, labels, penalty);
        var terms = new LogisticTerm[features];
        var intercept = model.Margin(new float[width]);
        for (var feature = 0; feature < features; feature++)
        {
            var (mean, scale, missing) = scales[feature];
            var gap = Array.BinarySearch(gaps, feature);
            var weight = gap < 0 ? 0 : model.Weights[features + gap];
            intercept += weight * missing;
            terms[feature] = new LogisticTerm(
                mean, scale, model.Weights[feature], -weight * missing, weight * (1 - missing));
        }

        return new LogisticTerms(intercept, terms);
    }

    /// <inheritdoc/>
    public double Margin(ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Features);
        var margin = Intercept;
        for (var feature = 0; feature < row.Length; feature++)
        {
            margin += TermOf(_terms[feature], row[feature]);
        }

        return margin;
    }

    /// <inheritdoc/>
    public double Explain(ReadOnlySpan<float> row, Span<double> contributions)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, Features);
        ArgumentOutOfRangeException.ThrowIfNotEqual(contributions.Length, Features);
        var margin = Intercept;
        for (var feature = 0; feature < row.Length; feature++)
        {
            contributions[feature] = TermOf(_terms[feature], row[feature]);
            margin += contributions[feature];
        }

        return margin;
    }

    /// <summary>Writes the terms.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_terms.Length);
        writer.Write(Intercept);
        foreach (var term in _terms)
        {
            writer.Write(term.Mean);
            writer.Write(term.Scale);
            writer.Write(term.Weight);
            writer.Write(term.Known);
            writer.Write(term.Missing);
        }
    }

    /// <summary>Restores what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static LogisticTerms Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var count = reader.ReadInt32();
        if (count is < 1 or > 100_000)
        {
            throw new InvalidDataException("These are no terms.");
        }

        var intercept = reader.ReadDouble();
        var terms = new LogisticTerm[count];
        foreach (ref var term in terms.AsSpan())
        {
            term = new LogisticTerm(
                reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(),
                reader.ReadDouble());
        }

        try
        {
            return new LogisticTerms(intercept, terms);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException(wrong.Message, wrong);
        }
    }

    private static double TermOf(in LogisticTerm term, float value) => float.IsNaN(value)
        ? term.Missing
        : term.Known + (term.Weight * Deviation(value, term.Mean, term.Scale));

    private static double Deviation(float value, double mean, double scale) =>
        float.IsNaN(value) || scale <= 0 ? 0 : Math.Clamp((value - mean) / scale, -Reach, Reach);

    private static (double Mean, double Scale, double Missing) ScaleOf(
        ReadOnlySpan<float> rows, int features, int feature)
    {
        var (count, known, mean, squares) = (0, 0, 0.0, 0.0);
        for (var at = feature; at < rows.Length; at += features, count++)
        {
            if (float.IsFinite(rows[at]))
            {
                // Welford's recurrence.
                var off = rows[at] - mean;
                mean += off / ++known;
                squares += off * (rows[at] - mean);
            }
        }

        return (mean, known == 0 ? 0 : Math.Sqrt(squares / known), 1 - (known / (double)Math.Max(1, count)));
    }
}

/// <summary>The term of a feature.</summary>
/// <param name="Mean">Mean of the values learnt from.</param>
/// <param name="Scale">Their standard deviation; 0 for a feature that never changed, which says nothing.</param>
/// <param name="Weight">What each deviation above the mean adds to the log-odds.</param>
/// <param name="Known">What is added because the value is there.</param>
/// <param name="Missing">What is added when it is missing.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LogisticTerm(double Mean, double Scale, double Weight, double Known, double Missing)
{
    internal bool IsSound => double.IsFinite(Mean) && double.IsFinite(Scale) && Scale >= 0
        && double.IsFinite(Weight) && double.IsFinite(Known) && double.IsFinite(Missing);
}
