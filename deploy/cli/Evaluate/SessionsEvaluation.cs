using System.Numerics.Tensors;
using Ecom.Algorithms.Recommendation;

namespace Ecom.Cli.Evaluate;

/// <summary>
/// How well the next item of a session is foretold. Settings and weights are chosen on the last tenth of the training
/// sessions, everything is then fitted to all of them, and the test is read once.
/// </summary>
/// <remarks>All items are ranked but those of the session so far; a target that training does not know is a miss.
/// Metrics <c>hr@10</c> and <c>mrr@20</c>.</remarks>
internal sealed class SessionsEvaluation(int threads, Action<string> report, CancellationToken cancellation)
{
    public const string Blend = "blend";
    private const int MostValidation = 4_000;
    private static readonly float[] _factors = [0, 0.5f, 0.8f, 1.25f, 2];
    private static readonly Family[] _families =
    [
        new("popularity", [(data, ids) => Popularity.Fit(data.ToInteractions(), ids)]),
        new("item-knn", [(data, ids) => ItemNeighbours.Fit(data.ToInteractions(), ids, new ItemNeighboursOptions())]),
        new("session-knn (plain)", [Neighbours(float.PositiveInfinity, float.PositiveInfinity, 0, 0)]),
        new(
            "session-knn (sequence, idf)",
            [
                Neighbours(float.PositiveInfinity, float.PositiveInfinity, 1, 0.5f),
                Neighbours(float.PositiveInfinity, float.PositiveInfinity, 1, 1),
                Neighbours(3, float.PositiveInfinity, 1, 0.5f),
                Neighbours(3, 3, 1, 0.5f),
            ]),
        new(
            "sequential rules",
            [Rules(0, 1), Rules(0, 2), Rules(0, float.PositiveInfinity), Rules(1, float.PositiveInfinity)]),
        new(
            "co-purchase",
            [
                .. Enum.GetValues<CoPurchaseMeasure>().Select<CoPurchaseMeasure, Fit>(measure => (data, ids) =>
                    CoPurchase.Fit(data.ToInteractions(), ids, new CoPurchaseOptions { Measure = measure })),
            ]),
    ];

    private delegate IRecommender Fit(Sessions data, IReadOnlyList<string> ids);

    /// <summary>Runs the whole protocol.</summary>
    /// <returns>One row a model, the blend last.</returns>
    public IReadOnlyList<EvaluatedModel> Run(string trainPath, string testPath)
    {
        var index = new IdIndex();
        var all = SessionFile.Read(trainPath, index, grow: true);
        var test = SessionFile.Read(testPath, index, grow: false);
        var held = Math.Max(1, all.Count / 10);
        var validation = all[^held..].Take(MostValidation).ToList();
        var part = Sessions.Create(index.Count, all[..^held]);
        var chosen = Array.ConvertAll(_families, family => Choose(family, part, index.Ids, validation));
        var weights = Weigh([.. chosen.Select(one => one.Model)], validation, index.Count);

        var train = Sessions.Create(index.Count, all);
        var rows = new List<EvaluatedModel>();
        var models = new List<IRecommender>();
        var (fitWall, fitCpu) = (0.0, 0.0);
        for (var at = 0; at < _families.Length; at++)
        {
            var meter = new Meter();
            models.Add(chosen[at].Fit(train, index.Ids));
            var (wall, cpu) = (meter.WallSeconds, meter.CpuSeconds);
            (fitWall, fitCpu) = (fitWall + wall, fitCpu + cpu);
            rows.Add(Row(_families[at].Name, [models[at]], [1], test, index.Count, wall, cpu));
        }

        rows.Add(Row(Blend, models, weights, test, index.Count, fitWall, fitCpu));
        return rows;
    }

    private static Fit Neighbours(float history, float spread, float match, float item) => (data, ids) =>
        SessionNeighbours.Fit(data, ids, new SessionNeighboursOptions
        {
            HistoryDecay = history,
            SpreadDecay = spread,
            MatchRarity = match,
            ItemRarity = item,
        });

    private static Fit Rules(float backward, float decay) => (data, ids) => SequentialRules.Fit(
        data, ids, new SequentialRulesOptions { Backward = backward, HistoryDecay = decay });

    private EvaluatedModel Row(
        string name,
        IReadOnlyList<IRecommender> models,
        float[] weights,
        List<int[]> test,
        int items,
        double fitWall,
        double fitCpu)
    {
        var meter = new Meter();
        var (hits, ranks) = Measure(models, weights, test, items);
        report($"{name}: HR@10 {hits:0.0000}, MRR@20 {ranks:0.0000}");
        var metrics = new Dictionary<string, double> { ["hr@10"] = hits, ["mrr@20"] = ranks };
        return new EvaluatedModel(name, metrics, fitWall, fitCpu, meter.WallSeconds);
    }

    private (Fit Fit, IRecommender Model) Choose(
        Family family, Sessions data, IReadOnlyList<string> ids, List<int[]> validation)
    {
        var best = (Fit: family.Settings[0], Model: family.Settings[0](data, ids), Value: double.NegativeInfinity);
        for (var at = 0; at < family.Settings.Length; at++)
        {
            var model = at == 0 ? best.Model : family.Settings[at](data, ids);
            var (hits, ranks) = Measure([model], [1], validation, ids.Count);
            if (hits + ranks > best.Value)
            {
                best = (family.Settings[at], model, hits + ranks);
            }
        }

        report($"{family.Name}: {best.Value:0.0000} on validation");
        return (best.Fit, best.Model);
    }

    // One weight at a time, from equal ones, as long as HR@10 + MRR@20 on validation grows.
    private float[] Weigh(IRecommender[] models, List<int[]> validation, int items)
    {
        var sample = validation.Where((_, at) => at % 2 == 0).ToList();
        var weights = models.Select(_ => 1f).ToArray();
        var best = Value(weights);
        for (var round = 0; round < 2; round++)
        {
            for (var at = 0; at < weights.Length; at++)
            {
                foreach (var factor in _factors)
                {
                    var trial = (float[])weights.Clone();
                    trial[at] *= factor;
                    var value = Value(trial);
                    if (value > best)
                    {
                        (best, weights) = (value, trial);
                    }
                }
            }
        }

        report($"{Blend}: {best:0.0000} on validation, weights {string.Join(' ', weights)}");
        return weights;

        double Value(float[] trial)
        {
            var (hits, ranks) = Measure(models, trial, sample, items);
            return hits + ranks;
        }
    }

    private (double Hits, double Ranks) Measure(
        IReadOnlyList<IRecommender> models, float[] weights, List<int[]> sessions, int items)
    {
        var ranks = new int[sessions.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(
            0,
            sessions.Count,
            parallel,
            () => (Sum: new float[items], Own: new float[items]),
            (at, _, scores) =>
            {
                ranks[at] = Rank(models, weights, sessions[at], scores.Sum, scores.Own);
                return scores;
            },
            _ => { });
        var count = (double)sessions.Count;
        return (
            ranks.Count(rank => rank is > 0 and <= 10) / count,
            ranks.Sum(rank => rank is > 0 and <= 20 ? 1.0 / rank : 0) / count);
    }

    // From 1; 0 when nothing speaks for the target. Scores are brought to a maximum of 1 before they are added.
    private static int Rank(
        IReadOnlyList<IRecommender> models, float[] weights, int[] session, float[] sum, float[] own)
    {
        var target = session[^1];
        var history = session[..^1].Where(item => item >= 0).ToArray();
        if (target < 0)
        {
            return 0;
        }

        Array.Clear(sum);
        for (var at = 0; at < models.Count; at++)
        {
            if (weights[at] == 0)
            {
                continue;
            }

            models[at].Score(history, own);
            foreach (var item in history)
            {
                own[item] = 0;
            }

            var most = TensorPrimitives.Max<float>(own);
            if (most > 0)
            {
                TensorPrimitives.MultiplyAdd(own, weights[at] / most, sum, sum);
            }
        }

        var score = sum[target];
        if (score <= 0)
        {
            return 0;
        }

        var rank = 1;
        for (var item = 0; item < sum.Length; item++)
        {
            rank += sum[item] > score || (sum[item] == score && item < target) ? 1 : 0;
        }

        return rank;
    }

    /// <param name="Name">What the rows call it.</param>
    /// <param name="Settings">What is tried on validation.</param>
    private sealed record Family(string Name, Fit[] Settings);
}
