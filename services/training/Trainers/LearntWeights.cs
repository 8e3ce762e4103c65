using System.Globalization;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Training.Data;

namespace Ecom.Training.Trainers;

/// <summary>What a view, favourite, cart or review counts beside a purchase, learnt on validation purchases.</summary>
/// <remarks>
/// Judged by the random walk, which has no starting point of its own to be lucky with, within a budget of foretold
/// work.
/// </remarks>
internal static class LearntWeights
{
    private const int LeastCustomers = 20;
    private const int MostCustomers = 2_000;
    private const double BudgetSeconds = 12;

    private static readonly Recipe _judge = new(RandomWalk.KindName, new Dictionary<string, double>());

    /// <summary>Learns.</summary>
    /// <returns>Weight by kind; null where there are no other kinds, or too few purchases to judge by.</returns>
    public static IReadOnlyDictionary<string, double>? Of(
        DataSplit split,
        RecommenderOptions options,
        int threads,
        Action<string> report,
        CancellationToken cancellation)
    {
        var customers = Enumerable.Range(0, split.Wanted.UserCount)
            .Count(user => split.Wanted.ItemsOf(user).Length > 0);
        if (split.Excluded is null || customers < LeastCustomers)
        {
            return null;
        }

        var work = RecipeCosts.OfFit(_judge, DataShape.Of(split.Known.Matrix)).ReferenceTime;
        var (weights, value) = EventWeights.Learn(
            Start(split.Known),
            EventKind.Purchase,
            trial => Judge(split, trial, options.Seed, threads, cancellation),
            (int)Math.Clamp(BudgetSeconds / Math.Max(work.TotalSeconds, 0.01), 10, 200));
        report("learnt what events count: " + string.Join(", ", weights.Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:G3}"))) + string.Create(
            CultureInfo.InvariantCulture, $"; NDCG@20 {value:F4} on validation"));
        return weights;
    }

    // What the feature store sends, beside a purchase.
    private static Dictionary<string, double> Start(RecommenderData data)
    {
        var most = data.Kinds.Select((kind, at) => (kind, Weight: data.Events
            .Where(one => one.Kind == at).Select(one => (double)one.Weight).DefaultIfEmpty().Max())).ToArray();
        var purchase = most.First(one => one.kind == EventKind.Purchase).Weight;
        return most.ToDictionary(
            one => one.kind,
            one => one.kind == EventKind.Purchase ? 1 : purchase > 0 ? Math.Round(one.Weight / purchase, 2) : 0.2);
    }

    private static double Judge(
        DataSplit split,
        IReadOnlyDictionary<string, double> weights,
        int seed,
        int threads,
        CancellationToken cancellation)
    {
        var known = split.Known.With(weights).ToTrainingSet();
        return new HeldOut(known, split.Wanted, split.Excluded, MostCustomers, seed)
            .Ndcg(_judge.Fit(known, threads, seed, cancellation), threads, cancellation);
    }
}
