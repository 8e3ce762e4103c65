using Ecom.Algorithms.Fraud;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>What is measured.</summary>
internal sealed record FraudOptions
{
    public required string Transactions { get; init; }

    /// <summary>First day of the first of the four test weeks; null: see <see cref="FraudEvaluation"/>.</summary>
    public DateOnly? FirstWeek { get; init; }

    /// <summary>How many payments <c>--online</c> plays; null for all.</summary>
    public int? Payments { get; init; }

    public required int Threads { get; init; }

    public required int Seed { get; init; }
}

/// <summary>The handbook's protocol: four test weeks, each with models of what was known before it.</summary>
/// <remarks>
/// The first test week begins on 2018-08-08 as in the handbook, or four weeks before the end of a file that does not
/// reach so far.
/// </remarks>
internal sealed class FraudEvaluation(FraudOptions options, Action<string> report, CancellationToken cancellation)
{
    public const string Default = "boosted trees, all that was known, calibrated";
    public const string Parity = "logistic regression, handbook's features and week";
    private const int Weeks = 4;
    private const int DaysBefore = 72;
    private static readonly DateOnly _handbook = new(2018, 8, 8);

    public EvaluationResult Run()
    {
        var meter = new Meter();
        var file = TransactionFile.Read(options.Transactions);
        report($"{file.Count:N0} payments read in {meter.WallSeconds:F1} s");
        var weeks = WeeksOf(file);
        meter = new Meter();
        var matrix = PaymentMatrix.Replay(file, report, cancellation);
        report($"{file.Count:N0} payments replayed in {meter.WallSeconds:F1} s, {meter.CpuSeconds:F1} CPU s");
        var training = new FraudTraining(file, matrix, options, cancellation);
        var constant = weeks.ToDictionary(week => week, week => training.BaseRate(week));
        var (ranking, odd) = (new Dictionary<FraudWeek, double[]>(), new Dictionary<FraudWeek, double[]>());
        return new EvaluationResult(
            Path.GetFileName(options.Transactions),
            Default,
            [
                Measure(Parity, weeks, training.Logistic, (week, scores) => week.Judge.Ranking(scores)),
                Measure("boosted trees, handbook's features and week", weeks, training.BoostedAsHandbook,
                    (week, scores) => week.Judge.Ranking(scores)),
                Measure(Default, weeks, week => Served(training.Calibrated(week), matrix, week, odd),
                    (week, scores) => week.Judge.Probabilities(ranking[week] = scores)),
                Measure("constant base rate in the default's order", weeks, week => () => Array.ConvertAll(
                    week.Test, _ => constant[week]),
                    (week, scores) => week.Judge.Probabilities(scores, ranking[week])),
                Measure("isolation forest, no labels", weeks, week => () => odd[week],
                    (week, scores) => week.Judge.Ranking(scores)),
            ]);
    }

    /// <summary>The default model of the first test week.</summary>
    public FraudModel FitDefault(TransactionFile file) =>
        new FraudTraining(file, PaymentMatrix.Replay(file, report, cancellation), options, cancellation)
            .Calibrated(WeeksOf(file)[0]);

    // Each payment with its reasons, as it is served.
    private Func<double[]> Served(
        FraudModel model, PaymentMatrix matrix, FraudWeek week, Dictionary<FraudWeek, double[]> odd) => () =>
    {
        var contributions = new double[PaymentMatrix.Width];
        var meter = new Meter();
        var scores = Array.ConvertAll(week.Test, at => model.Explain(matrix.Row(at), contributions));
        report($"{week.Test.Length:N0} payments scored with their reasons, "
            + $"{1e6 * meter.WallSeconds / week.Test.Length:F2} µs each");
        odd[week] = Array.ConvertAll(week.Test, at => model.Anomaly(matrix.Row(at))!.Value);
        return scores;
    };

    private EvaluatedModel Measure(
        string name,
        FraudWeek[] weeks,
        Func<FraudWeek, Func<double[]>> fit,
        Func<FraudWeek, double[], Dictionary<string, double>> judge)
    {
        var (fitWall, fitCpu, scoreWall) = (0.0, 0.0, 0.0);
        var judged = new List<WeekMetrics>();
        foreach (var week in weeks)
        {
            cancellation.ThrowIfCancellationRequested();
            var meter = new Meter();
            var score = fit(week);
            fitWall += meter.WallSeconds;
            fitCpu += meter.CpuSeconds;
            meter = new Meter();
            var scores = score();
            scoreWall += meter.WallSeconds;
            judged.Add(new WeekMetrics(week.Name, judge(week, scores)));
            report($"{name}, week {week.Name}: "
                + string.Join(", ", judged[^1].Metrics.Select(metric => $"{metric.Key} {metric.Value:F3}")));
        }

        var means = judged[0].Metrics.Keys
            .ToDictionary(key => key, key => judged.Average(week => week.Metrics[key]));
        return new EvaluatedModel(name, means, fitWall, fitCpu, scoreWall) { Weeks = judged };
    }

    private FraudWeek[] WeeksOf(TransactionFile file)
    {
        var first = options.FirstWeek is { } asked ? DayOf(asked)
            : Math.Min(DayOf(_handbook), file.DayOf(file.Count - 1) + 1 - (7 * Weeks));
        if (first - DaysBefore < file.DayOf(0) || first + (7 * Weeks) > file.DayOf(file.Count - 1) + 1)
        {
            throw new SetupException($"{options.Transactions}: the four weeks from "
                + $"{DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(first):yyyy-MM-dd} and {DaysBefore} days before "
                + "them must lie in the file.");
        }

        return [.. Enumerable.Range(0, Weeks).Select(week => new FraudWeek(file, first + (7 * week)))];

        static int DayOf(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
    }
}
