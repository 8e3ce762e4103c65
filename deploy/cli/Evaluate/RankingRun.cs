using Ecom.Algorithms.Evaluation;
using Ecom.Algorithms.Numerics;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Cli.Evaluate;

/// <summary>
/// The ranking protocol: tune on the validation part, fit on all that is known, read the test part once.
/// </summary>
/// <remarks>All items are ranked, known ones left out; binary relevance; the ideal cut at min(k, test items).</remarks>
internal sealed class RankingRun(
    RankingData data, TuningOptions options, Action<string> report, CancellationToken cancellation)
{
    /// <summary>Name of the default model's row.</summary>
    public const string Default = "blend";

    /// <summary>Name of the row of the default model with lists re-ranked for diversity.</summary>
    public const string Diverse = "blend, diverse";

    private const int Short = 10;
    private const int Long = 20;

    /// <summary>Baselines, every tuned method, the blend, which is the default, and its diverse lists.</summary>
    public IReadOnlyList<EvaluatedModel> Run()
    {
        Foretell();
        var rows = new List<EvaluatedModel>
        {
            Measure("popularity", () => new Recipe("popularity", new Dictionary<string, double>())
                .Fit(data.All, options.Threads, options.Seed, cancellation)),
            Measure("item-knn", () => new Recipe("item-knn", new Dictionary<string, double>())
                .Fit(data.All, options.Threads, options.Seed, cancellation)),
            // The settings that other libraries are timed with.
            Measure("als, 64 factors, 15 iterations", () => new Recipe(
                "als", new Dictionary<string, double> { ["iterations"] = 15 })
                .Fit(data.All, options.Threads, options.Seed, cancellation)),
        };
        var meter = new Meter();
        // Far more than what is foretold: the machine is too slow to end at the same model in useful time.
        var (started, limit) = (TimeProvider.System.GetTimestamp(), 10 * options.Budget);
        var tuned = RecommenderTuning.Tune(
            data.Known,
            data.Wanted,
            data.ExcludedWhileTuning,
            options with { Brake = () => TimeProvider.System.GetElapsedTime(started) > limit },
            new Reported(report),
            cancellation);
        report($"tuned in {meter.WallSeconds:F1} s, {meter.CpuSeconds:F1} s of processor time");
        foreach (var single in tuned.Single)
        {
            rows.Add(Measure(
                "tuned " + single.Recipe, () => Faded(single.Recipe, tuned.Recency), single.Recipe.Parameters));
        }

        meter = new Meter();
        var blend = tuned.Fit(data.All, options.Threads, options.Seed, cancellation);
        var fitted = (meter.WallSeconds, meter.CpuSeconds);
        var plain = Measure(Default, fitted, (users, excluded) => Ranking.All(
            blend, data.All.Histories, users, excluded, Long, options.Threads, cancellation));
        rows.Add(plain);
        rows.Add(Against(plain, MeasureDiverse(blend, fitted)));
        return rows;
    }

    private void Foretell()
    {
        foreach (var (model, cost) in RecommenderTuning.Predict(DataShape.Of(data.Known.Matrix), options))
        {
            report($"{model}: about {cost.TimeAt(Yardstick.MeasureGigaflops(1) * 1e9).TotalSeconds:F1} s of a core and "
                + $"{cost.Bytes >> 20} MiB" + (model == Default ? " for the search and its result" : " a fit"));
        }
    }

    // Popular is what the training part tells; the strength is the placements' default.
    private EvaluatedModel MeasureDiverse(IRecommender blend, (double Wall, double Cpu) fitted)
    {
        var wanted = new float[data.All.ItemIds.Count];
        new Recipe("popularity", new Dictionary<string, double>())
            .Fit(data.All, options.Threads, options.Seed, cancellation)
            .Score(History.Empty, wanted);
        var popular = Diversity.PopularOf(wanted);
        return Measure(Diverse, fitted, (users, excluded) => Ranking.AllDiverse(
            blend,
            data.All.Histories,
            users,
            excluded,
            popular,
            Diversity.DefaultStrength,
            Long,
            options.Threads,
            cancellation));
    }

    private static EvaluatedModel Against(EvaluatedModel plain, EvaluatedModel diverse)
    {
        double Change(string metric) => plain.Metrics[metric] is > 0 and var before
            ? (diverse.Metrics[metric] / before) - 1
            : 0;
        return diverse with
        {
            Metrics = new Dictionary<string, double>(diverse.Metrics)
            {
                ["ndcgLoss"] = -Change("ndcg@10"),
                ["coverageGain"] = Change("coverage@20"),
            },
        };
    }

    // A blend of one: a history fades for a single method as it does for all.
    private IRecommender Faded(Recipe recipe, float recency) => new Blend(
        [recipe.Fit(data.All, options.Threads, options.Seed, cancellation)], [1], recency);

    private EvaluatedModel Measure(
        string name, Func<IRecommender> fit, IReadOnlyDictionary<string, double>? parameters = null)
    {
        var meter = new Meter();
        var model = fit();
        return Measure(name, (meter.WallSeconds, meter.CpuSeconds), (users, excluded) => Ranking.All(
            model, data.All.Histories, users, excluded, Long, options.Threads, cancellation)) with
        {
            Parameters = parameters,
        };
    }

    private EvaluatedModel Measure(
        string name, (double Wall, double Cpu) fitted, Func<int[], Interactions, int[][]> rank)
    {
        var meter = new Meter();
        var metrics = Metrics(rank, meter);
        report($"{name}: " + string.Join(", ", metrics.Select(metric => $"{metric.Key} {metric.Value:F4}")));
        return new EvaluatedModel(name, metrics, fitted.Wall, fitted.Cpu, meter.WallSeconds);
    }

    private Dictionary<string, double> Metrics(Func<int[], Interactions, int[][]> rank, Meter meter)
    {
        var users = Enumerable.Range(0, data.Test.UserCount)
            .Where(user => data.Test.ItemsOf(user).Length > 0).ToArray();
        var lists = rank(users, data.ExcludedInTest ?? data.All.Matrix);
        var seconds = meter.WallSeconds;
        var (ndcg10, hits10, recall20, ndcg20) = (0.0, 0.0, 0.0, 0.0);
        for (var at = 0; at < users.Length; at++)
        {
            var relevant = new HashSet<int>([.. data.Test.ItemsOf(users[at])]);
            ndcg10 += RankingMetrics.Ndcg(lists[at], relevant, Short);
            hits10 += RankingMetrics.HitRate(lists[at], relevant, Short);
            recall20 += RankingMetrics.Recall(lists[at], relevant, Long);
            ndcg20 += RankingMetrics.Ndcg(lists[at], relevant, Long);
        }

        return new Dictionary<string, double>
        {
            ["ndcg@10"] = ndcg10 / users.Length,
            ["hr@10"] = hits10 / users.Length,
            ["recall@20"] = recall20 / users.Length,
            ["ndcg@20"] = ndcg20 / users.Length,
            ["coverage@20"] = lists.SelectMany(list => list).Distinct().Count() / (double)data.Test.ItemCount,
            ["usersPerSecond"] = users.Length / seconds,
        };
    }

    private sealed class Reported(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }
}
