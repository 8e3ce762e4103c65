using System.Globalization;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>
/// Several kinds of behaviour, of which purchases are to be foretold: learns what each kind is worth.
/// </summary>
/// <remarks>
/// A kind's weight is what one such event counts beside a purchase. Weights climb one after the other on validation
/// purchases, judged by the random walk, which has no starting point of its own to be lucky with. Only what was bought
/// is
/// left out of lists: a product that was looked at is still to be recommended.
/// </remarks>
internal sealed class BehaviourData(
    IdIndex users, IdIndex items, IReadOnlyDictionary<string, List<(int User, int Item)>> kinds,
    List<(int User, int Item)> wanted, List<(int User, int Item)> test)
{
    private const string Bought = "buy";

    /// <summary>Reads the files.</summary>
    /// <param name="files"><c>buy=FILE,view=FILE…</c>; buy is needed.</param>
    /// <param name="valid">Purchases to choose on.</param>
    /// <param name="test">Purchases to measure on.</param>
    public static BehaviourData Read(string files, string? valid, string test)
    {
        var (users, items) = (new IdIndex(), new IdIndex());
        var kinds = new Dictionary<string, List<(int, int)>>();
        foreach (var part in files.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var kind, var path])
            {
                throw new SetupException($"--behaviours: '{part}' is not kind=FILE.");
            }

            kinds[kind] = InteractionFile.Read(path, users, items);
        }

        if (!kinds.ContainsKey(Bought))
        {
            throw new SetupException("--behaviours needs buy=FILE: purchases are what is foretold.");
        }

        return new BehaviourData(
            users,
            items,
            kinds,
            InteractionFile.Read(
                valid ?? throw new SetupException("--behaviours needs --valid, purchases to choose weights on."),
                users,
                items),
            InteractionFile.Read(test, users, items));
    }

    /// <summary>The protocol with purchases alone.</summary>
    public RankingData BuysOnly => Data(new Dictionary<string, double> { [Bought] = 1 });

    /// <summary>The protocol with all kinds, their weights learnt on the validation part.</summary>
    public RankingData Learnt(TuningOptions options, Action<string> report, CancellationToken cancellation)
    {
        var start = kinds.Keys.ToDictionary(kind => kind, kind => kind == Bought ? 1.0 : 0);
        var (weights, best) = EventWeights.Learn(start, Bought, trial => Value(trial, options, cancellation));
        report($"learnt weights: " + string.Join(", ", weights.Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:G3}"))) + $"; NDCG@20 {best:F4} on validation");
        return Data(weights);
    }

    private double Value(
        IReadOnlyDictionary<string, double> weights, TuningOptions options, CancellationToken cancellation)
    {
        var data = Data(weights);
        var model = new Recipe(RandomWalk.KindName, new Dictionary<string, double>())
            .Fit(data.Known, options.Threads, options.Seed, cancellation);
        return new HeldOut(data.Known, data.Wanted, data.ExcludedWhileTuning, options.MostUsers, options.Seed)
            .Ndcg(model, options.Threads, cancellation);
    }

    private RankingData Data(IReadOnlyDictionary<string, double> weights)
    {
        var events = weights
            .Where(kind => kind.Value > 0)
            .SelectMany(kind => kinds[kind.Key].Distinct()
                .Select(pair => (pair.User, pair.Item, Weight: (float)kind.Value)))
            .ToArray();
        var bought = kinds[Bought];
        return new RankingData
        {
            Known = TrainingSet.Of(Weighted(events), items.Ids),
            Wanted = RankingData.Matrix(wanted, users, items),
            All = TrainingSet.Of(
                Weighted([.. events, .. wanted.Select(pair => (pair.User, pair.Item, 1f))]), items.Ids),
            Test = RankingData.Matrix(test, users, items),
            ExcludedWhileTuning = RankingData.Matrix(bought, users, items),
            ExcludedInTest = RankingData.Matrix([.. bought, .. wanted], users, items),
        };
    }

    private Interactions Weighted((int User, int Item, float Weight)[] events) => Interactions.Create(
        users.Count,
        items.Count,
        Array.ConvertAll(events, one => one.User),
        Array.ConvertAll(events, one => one.Item),
        Array.ConvertAll(events, one => one.Weight));
}
