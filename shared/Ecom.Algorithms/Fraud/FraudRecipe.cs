using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Fraud;

/// <summary>How a fraud model is made of what was known at an instant.</summary>
/// <remarks>
/// A payment is learnt from when it is older than the maturity of labels: by then, no news is good news. What is known
/// of younger ones are nearly all frauds, since a dispute comes sooner than the certainty that there will be none.
/// The calibration is that of an earlier model on the last <see cref="CalibrationDays"/> of known payments, which it
/// has not seen, made of what was known when they began; where that holds too few frauds, of all before them. Same
/// table and recipe, same model, whatever the number of threads.
/// </remarks>
public sealed record FraudRecipe
{
    private const long Day = 86_400_000;

    // Operations for a value and level of a tree, and for a pair of values of a logistic regression: measured.
    private const double OperationsOfTree = 400;
    private const double OperationsOfPair = 1_700;

    /// <summary>Boosted trees; null for a logistic regression.</summary>
    public GradientBoostingOptions? Trees { get; init; } = new() { Trees = 200, Rows = 0.5, Columns = 0.5 };

    /// <summary>Squared penalty of the logistic regression's weights, not negative. Default 1.</summary>
    public double Penalty { get; init; } = 1;

    /// <summary>
    /// Most payments that a logistic regression is fitted on, the newest; more would change its few weights little and
    /// cost the square of the features each. At least 1. Default 100,000.
    /// </summary>
    public int MostForTerms { get; init; } = 100_000;

    /// <summary>After how long a payment without a dispute counts as genuine. Default 30 days.</summary>
    public TimeSpan LabelMaturity { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Days of known payments that the calibration is fitted on, at least 1. Default 14.</summary>
    public int CalibrationDays { get; init; } = 14;

    /// <summary>Days of known payments that the isolation forest looks at, at least 1. Default 28.</summary>
    public int AnomalyDays { get; init; } = 28;

    /// <summary>Frauds that a fit, and a calibration, must rest on, at least 1. Default 20.</summary>
    public int LeastFrauds { get; init; } = 20;

    /// <summary>Positions of the features that no label enters; empty for a model without a forest.</summary>
    public IReadOnlyList<int> Unlabelled { get; init; } = [];

    /// <summary>Of the samples of rows and features. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads, at least 1; they never change a model. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What <see cref="Fit"/> takes beside the table.</summary>
    /// <param name="rows">Payments.</param>
    /// <param name="features">Values of a vector.</param>
    public TrainingCost CostOf(int rows, int features)
    {
        if (Trees is { } boosting)
        {
            var visits = boosting.Trees * boosting.Rows * boosting.Columns * Math.Log2(boosting.Leaves);
            return new TrainingCost(2 * OperationsOfTree * rows * features * visits, (long)rows * (features + 50));
        }

        var fitted = Math.Min(rows, MostForTerms);
        // Whether a value is missing may be a feature of its own; each is held as float and scaled as double.
        return new TrainingCost(
            2 * OperationsOfPair * fitted * features * features,
            2L * fitted * features * (sizeof(float) + sizeof(double)));
    }

    /// <summary>The payments that may be learnt from at an instant.</summary>
    public Range KnownAt(FraudTable table, long asOfMs)
    {
        ArgumentNullException.ThrowIfNull(table);
        return ..table.FirstAt(asOfMs - (long)LabelMaturity.TotalMilliseconds);
    }

    /// <summary>Makes the model of what was known at an instant.</summary>
    /// <param name="table">Payments. Later ones, and labels that arrived later, have no part.</param>
    /// <param name="asOfMs">The instant, milliseconds since 1970.</param>
    /// <param name="report">Told of each step.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FraudDataException">Too few frauds are known; says how many are needed.</exception>
    public FraudModel Fit(
        FraudTable table, long asOfMs, Action<string>? report = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        var known = KnownAt(table, asOfMs);
        var until = known.End.Value;
        Check("known", table.LabelsAt(known, asOfMs));
        var calibrationMs = asOfMs - (long)LabelMaturity.TotalMilliseconds - (CalibrationDays * Day);
        var judged = table.FirstAt(calibrationMs)..until;
        Check($"of the last {CalibrationDays} days known", table.LabelsAt(judged, asOfMs));
        var (earlier, earlierKnownMs) = (KnownAt(table, calibrationMs), calibrationMs);
        if (table.LabelsAt(earlier, calibrationMs).Count(label => label) < LeastFrauds)
        {
            (earlier, earlierKnownMs) = (..judged.Start.Value, asOfMs);
            Check("before them", table.LabelsAt(earlier, asOfMs));
        }

        report?.Invoke($"fitting on {earlier.End.Value} payments, to calibrate on {until - judged.Start.Value}");
        var calibration = Calibrate(
            FitMargins(table, earlier, earlierKnownMs, cancellation), table, judged, asOfMs);
        report?.Invoke($"fitting on {until} payments");
        var margins = FitMargins(table, known, asOfMs, cancellation);
        if (Unlabelled.Count > 0)
        {
            report?.Invoke("fitting what is odd");
        }

        var newest = table.FirstAt(asOfMs - (long)LabelMaturity.TotalMilliseconds - (AnomalyDays * Day))..until;
        return new FraudModel(
            table.Names,
            margins,
            calibration,
            FraudReference.Of(table.Rows(judged).Span, margins, calibration),
            new TrainedOn(
                DateTimeOffset.FromUnixTimeMilliseconds(table.AtMs[0]),
                DateTimeOffset.FromUnixTimeMilliseconds(table.AtMs[until - 1]),
                until,
                table.LabelsAt(known, asOfMs).Count(label => label)),
            Unlabelled.Count == 0
                ? null : AnomalyModel.Fit(table.Rows(newest).Span, table.Width, Unlabelled, Seed));
    }

    private IMarginModel FitMargins(FraudTable table, Range rows, long knownMs, CancellationToken cancellation)
    {
        var labels = table.LabelsAt(rows, knownMs);
        if (Trees is { } boosting)
        {
            return GradientBoosting.Fit(
                table.Rows(rows), table.Width, labels, boosting with { Seed = Seed, Threads = Threads }, cancellation);
        }

        var first = FirstForTerms(labels);
        return LogisticTerms.Fit(table.Rows(rows).Span[(first * table.Width)..], table.Width, labels[first..], Penalty);
    }

    // The newest, and as many before them as it takes to have the least number of frauds.
    private int FirstForTerms(bool[] labels)
    {
        var first = Math.Max(0, labels.Length - MostForTerms);
        var frauds = labels.AsSpan(first).Count(true);
        while (first > 0 && frauds < LeastFrauds)
        {
            frauds += labels[--first] ? 1 : 0;
        }

        return first;
    }

    private static PlattCalibration Calibrate(IMarginModel earlier, FraudTable table, Range judged, long asOfMs)
    {
        var rows = table.Rows(judged).Span;
        var margins = new double[rows.Length / table.Width];
        for (var row = 0; row < margins.Length; row++)
        {
            margins[row] = earlier.Margin(rows.Slice(row * table.Width, table.Width));
        }

        return PlattCalibration.Fit(margins, table.LabelsAt(judged, asOfMs));
    }

    private void Check(string what, bool[] labels)
    {
        var frauds = labels.Count(label => label);
        if (frauds < LeastFrauds || frauds == labels.Length)
        {
            throw new FraudDataException(
                $"{frauds} frauds among the {labels.Length} payments {what}, at least {LeastFrauds} are needed, and a "
                + "genuine payment.");
        }
    }
}

/// <summary>Too little is known to make a fraud model of.</summary>
/// <param name="message">What is there and what is needed.</param>
public sealed class FraudDataException(string message) : Exception(message);
