using Ecom.Algorithms.Recommendation;

namespace Ecom.Cli.Evaluate;

/// <summary>How well ratings are predicted: mean over folds of RMSE and MAE, each model on the same folds.</summary>
internal static class RatingsEvaluation
{
    public const string GlobalMean = "global mean";
    public const string Biases = "user and item bias";
    public const string Factorisation = "matrix factorisation";
    public const string WithImplicit = "matrix factorisation with implicit part (SVD++)";

    /// <summary>Baselines and factorisation, worst baseline first.</summary>
    /// <param name="file">The ratings, at least one for each fold.</param>
    /// <param name="seed">Of folds and models.</param>
    /// <param name="report">Told of each step.</param>
    /// <param name="folds">Parts, each of which is predicted once from the others; at least 2.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    /// <returns>One row a model; metrics <c>rmse</c> and <c>mae</c>, seconds are sums over the folds.</returns>
    public static IReadOnlyList<EvaluatedModel> Run(
        RatingsFile file, int seed, Action<string> report, int folds = 5, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var parts = Folds(file, seed, folds);
        var options = new RatingFactorisationOptions { Seed = seed };
        return
        [
            Measure(GlobalMean, (train, _) =>
            {
                var mean = train.Values.Length == 0 ? 0 : train.Values.Average();
                return (_, _) => mean;
            }),
            Measure(Biases, (train, stop) =>
                RatingFactorisation.Fit(train, options with { Factors = 0, Implicit = false }, stop).Predict),
            Measure(Factorisation, (train, stop) =>
                RatingFactorisation.Fit(train, options with { Implicit = false }, stop).Predict),
            Measure(WithImplicit, (train, stop) => RatingFactorisation.Fit(train, options, stop).Predict),
        ];

        EvaluatedModel Measure(string name, Func<Ratings, CancellationToken, Func<int, int, float>> fit)
        {
            var (squared, absolute) = (0.0, 0.0);
            var (fitWall, fitCpu, scoreWall) = (0.0, 0.0, 0.0);
            for (var fold = 0; fold < folds; fold++)
            {
                var train = Part(file, parts, at => at != fold);
                var meter = new Meter();
                var predict = fit(train, cancellation);
                fitWall += meter.WallSeconds;
                fitCpu += meter.CpuSeconds;
                meter = new Meter();
                var (rmse, mae) = Errors(file, parts, fold, predict);
                scoreWall += meter.WallSeconds;
                squared += rmse / folds;
                absolute += mae / folds;
                report($"{name}: fold {fold + 1} of {folds}, RMSE {rmse:0.0000}");
            }

            var metrics = new Dictionary<string, double> { ["rmse"] = squared, ["mae"] = absolute };
            return new EvaluatedModel(name, metrics, fitWall, fitCpu, scoreWall);
        }
    }

    // The fold of each rating: equal sizes, shuffled.
    private static int[] Folds(RatingsFile file, int seed, int folds)
    {
        var parts = new int[file.Values.Length];
        for (var at = 0; at < parts.Length; at++)
        {
            parts[at] = at % folds;
        }

        new Random(seed).Shuffle(parts);
        return parts;
    }

    private static Ratings Part(RatingsFile file, int[] parts, Func<int, bool> wanted)
    {
        var chosen = Enumerable.Range(0, parts.Length).Where(at => wanted(parts[at])).ToArray();
        return Ratings.Create(
            file.UserCount,
            file.ItemCount,
            Array.ConvertAll(chosen, at => file.Users[at]),
            Array.ConvertAll(chosen, at => file.Items[at]),
            Array.ConvertAll(chosen, at => file.Values[at]));
    }

    private static (double Rmse, double Mae) Errors(
        RatingsFile file, int[] parts, int fold, Func<int, int, float> predict)
    {
        var (squared, absolute, count) = (0.0, 0.0, 0);
        for (var at = 0; at < parts.Length; at++)
        {
            if (parts[at] == fold)
            {
                var error = file.Values[at] - predict(file.Users[at], file.Items[at]);
                squared += error * error;
                absolute += Math.Abs(error);
                count++;
            }
        }

        count = Math.Max(1, count);
        return (Math.Sqrt(squared / count), absolute / count);
    }
}
