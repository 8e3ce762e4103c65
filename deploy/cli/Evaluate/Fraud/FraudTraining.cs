using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>Fits models of a test week, on labels only that had arrived before it.</summary>
/// <remarks>Features and settings were chosen on the weeks 2018-07-04 to 2018-07-25 of the handbook's file.</remarks>
internal sealed class FraudTraining(
    TransactionFile file, PaymentMatrix matrix, FraudOptions options, CancellationToken cancellation)
{
    /// <summary>Days of the file that fill the windows before the first payment that is learnt from.</summary>
    public const int WarmDays = 37;

    private readonly FraudRecipe _recipe = new()
    {
        LabelMaturity = PaymentMatrix.LabelDelay,
        Unlabelled = PaymentMatrix.Unlabelled,
        Seed = options.Seed,
        Threads = options.Threads,
    };

    /// <summary>Logistic regression as in the handbook.</summary>
    public Func<double[]> Logistic(FraudWeek week)
    {
        var columns = PaymentMatrix.Handbook;
        var model = LogisticRegression.Fit(matrix.Take(week.Train, columns), columns.Length, LabelsOf(week.Train));
        return () => Array.ConvertAll(week.Test, at => model.Margin(Some(matrix.Row(at), columns)));
    }

    /// <summary>Boosted trees on the handbook's features and training week.</summary>
    public Func<double[]> BoostedAsHandbook(FraudWeek week)
    {
        var columns = PaymentMatrix.Handbook;
        var trees = Fit(week.Train, columns);
        return () => Array.ConvertAll(week.Test, at => trees.Margin(Some(matrix.Row(at), columns)));
    }

    /// <summary>
    /// The default model: boosted trees of all that was known, calibrated on the last two weeks of it.
    /// </summary>
    /// <remarks>The recipe that the training service follows.</remarks>
    public FraudModel Calibrated(FraudWeek week) => _recipe.Fit(
        matrix.ToTable(file, file.DayOf(0) + WarmDays),
        week.FirstDay * TimeSpan.MillisecondsPerDay,
        report: null,
        cancellation);

    /// <summary>The share of frauds among all that was known: what a calibration must beat.</summary>
    public double BaseRate(FraudWeek week) => LabelsOf(week.RowsOf(file.DayOf(0), week.FirstDay - 7))
        .Average(isFraud => isFraud ? 1.0 : 0);

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
        matrix.Take(rows, columns),
        columns.Count,
        LabelsOf(rows),
        _recipe.Trees! with { Seed = options.Seed, Threads = options.Threads },
        cancellation);

    private bool[] LabelsOf(int[] rows) => Array.ConvertAll(rows, at => file.Frauds[at]);
}
