using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;
using Ecom.Features.Payments;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>Fits models of a test week, on labels only that had arrived before it.</summary>
/// <remarks>Features and settings were chosen on the weeks 2018-07-04 to 2018-07-25 of the handbook's file.</remarks>
internal sealed class FraudTraining(
    TransactionFile file, PaymentMatrix matrix, FraudOptions options, CancellationToken cancellation)
{
    /// <summary>Days of the file that fill the windows before the first payment that is learnt from.</summary>
    public const int WarmDays = 37;

    private const int CalibrationDays = 14;
    private const int ForestDays = 28;

    private readonly GradientBoostingOptions _boosting = new()
    {
        Trees = 200,
        Rows = 0.5,
        Columns = 0.5,
        Seed = options.Seed,
        Threads = options.Threads,
    };

    /// <summary>Logistic regression as in the handbook.</summary>
    public Func<double[]> Logistic(FraudWeek week)
    {
        var columns = PaymentRisk.Handbook;
        var model = LogisticRegression.Fit(matrix.Take(week.Train, columns), columns.Count, LabelsOf(week.Train));
        return () => Array.ConvertAll(week.Test, at => model.Margin(matrix.Row(at)[..columns.Count]));
    }

    /// <summary>Boosted trees on the handbook's features and training week.</summary>
    public Func<double[]> BoostedAsHandbook(FraudWeek week)
    {
        var columns = PaymentRisk.Handbook;
        var trees = Fit(week.Train, columns);
        return () => Array.ConvertAll(week.Test, at => trees.Margin(Some(matrix.Row(at), columns)));
    }

    /// <summary>
    /// The default model: boosted trees of all that was known, calibrated on the last two weeks of it.
    /// </summary>
    /// <remarks>The curve comes from a model that had not seen those weeks.</remarks>
    public FraudModel Calibrated(FraudWeek week)
    {
        var until = week.FirstDay - 7;
        var columns = Enumerable.Range(0, PaymentMatrix.Width).ToArray();
        var warm = file.DayOf(0) + WarmDays;
        var earlier = Fit(week.RowsOf(warm, until - CalibrationDays - 7), columns);
        var judged = week.RowsOf(until - CalibrationDays, until);
        var calibration = PlattCalibration.Fit(
            Array.ConvertAll(judged, at => earlier.Margin(matrix.Row(at))), LabelsOf(judged));
        var learnt = week.RowsOf(warm, until);
        var trees = Fit(learnt, columns);
        return new FraudModel(
            PaymentRisk.Names,
            trees,
            calibration,
            FraudReference.Of(matrix.Take(judged, columns), trees, calibration),
            new TrainedOn(TimeOf(learnt[0]), TimeOf(learnt[^1]), learnt.Length, LabelsOf(learnt).Count(of => of)));
    }

    /// <summary>The share of frauds among all that was known: what a calibration must beat.</summary>
    public double BaseRate(FraudWeek week) => LabelsOf(week.RowsOf(file.DayOf(0), week.FirstDay - 7))
        .Average(isFraud => isFraud ? 1.0 : 0);

    /// <summary>Isolation forest of the features that no label enters.</summary>
    public Func<double[]> Isolated(FraudWeek week)
    {
        var columns = PaymentRisk.Unlabelled;
        var rows = week.RowsOf(week.FirstDay - 7 - ForestDays, week.FirstDay - 7);
        var forest = IsolationForest.Fit(matrix.Take(rows, columns), columns.Count, seed: options.Seed);
        return () => Array.ConvertAll(week.Test, at => forest.Score(Some(matrix.Row(at), columns)));
    }

    private static float[] Some(ReadOnlySpan<float> row, IReadOnlyList<int> columns)
    {
        var some = new float[columns.Count];
        for (var at = 0; at < some.Length; at++)
        {
            some[at] = row[columns[at]];
        }

        return some;
    }

    private TreeEnsemble Fit(int[] rows, IReadOnlyList<int> columns) => GradientBoosting.Fit(
        matrix.Take(rows, columns), columns.Count, LabelsOf(rows), _boosting, cancellation);

    private DateTimeOffset TimeOf(int at) => DateTimeOffset.FromUnixTimeMilliseconds(file.AtMs[at]);

    private bool[] LabelsOf(int[] rows) => Array.ConvertAll(rows, at => file.Frauds[at]);
}
