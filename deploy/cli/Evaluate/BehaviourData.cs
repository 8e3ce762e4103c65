using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>Several kinds of behaviour, of which purchases are to be foretold.</summary>
/// <remarks>
/// What each kind is worth is learnt while tuning, on validation purchases. Only what was bought is left out of lists:
/// a product that was looked at is still to be recommended. A kind that comes with most purchases counts for all of
/// them. Purchases alone go through the same pipeline.
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
    public RankingData BuysOnly => Data([Bought]);

    /// <summary>The protocol with all kinds.</summary>
    public RankingData AllKinds => Data([Bought, .. kinds.Keys.Where(kind => kind != Bought)]);

    private RankingData Data(string[] names)
    {
        var bought = kinds[Bought];
        return new RankingData
        {
            Known = Set(names, bought),
            Wanted = RankingData.Matrix(wanted, users.Count, items.Count),
            All = Set(names, [.. bought, .. wanted]),
            Test = RankingData.Matrix(test, users.Count, items.Count),
            ExcludedWhileTuning = RankingData.Matrix(bought, users.Count, items.Count),
            ExcludedInTest = RankingData.Matrix([.. bought, .. wanted], users.Count, items.Count),
        };
    }

    private TrainingSet Set(string[] names, List<(int User, int Item)> bought)
    {
        var pairs = names.SelectMany((kind, at) =>
            (kind == Bought ? bought : IsImplied(kind) ? [.. kinds[kind], .. bought] : kinds[kind])
            .Select(pair => (pair.User, pair.Item + (at * items.Count)))).ToArray();
        return TrainingSet.Of(RankingData.Matrix(pairs, users.Count, names.Length * items.Count), items.Ids) with
        {
            Kinds = names,
        };
    }

    // Most purchases come with a view: the others' were not recorded. Files end at different times, so that otherwise
    // the newest purchases, those of the validation part, would look like ones without.
    private bool IsImplied(string kind)
    {
        HashSet<(int, int)> events = [.. kinds[kind]];
        return kinds[Bought].Count(events.Contains) * 2 > kinds[Bought].Count;
    }
}
