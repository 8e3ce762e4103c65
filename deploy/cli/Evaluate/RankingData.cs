using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>The parts of a ranking protocol; all have the same users and items.</summary>
internal sealed record RankingData
{
    /// <summary>What models may know while they are tuned.</summary>
    public required TrainingSet Known { get; init; }

    /// <summary>On what they are tuned.</summary>
    public required Interactions Wanted { get; init; }

    /// <summary>Known and wanted: what the final models know.</summary>
    public required TrainingSet All { get; init; }

    /// <summary>What is read once.</summary>
    public required Interactions Test { get; init; }

    /// <summary>Items that are not recommended while tuning; null for all of <see cref="Known"/>.</summary>
    public Interactions? ExcludedWhileTuning { get; init; }

    /// <summary>Items that are not recommended in the test; null for all of <see cref="All"/>.</summary>
    public Interactions? ExcludedInTest { get; init; }

    /// <summary>Reads a split that was made by others.</summary>
    /// <param name="train">File of the training part.</param>
    /// <param name="valid">File of the validation part; null: every tenth training item, drawn by the seed.</param>
    /// <param name="test">File of the test part.</param>
    /// <param name="seed">Seed of the draw.</param>
    public static RankingData OfSplit(string train, string? valid, string test, int seed)
    {
        var (users, items) = (new IdIndex(), new IdIndex());
        var known = InteractionFile.Read(train, users, items);
        List<(int, int)> wanted;
        if (valid is null)
        {
            var random = new Random(seed);
            wanted = [];
            known = known.FindAll(pair =>
            {
                var isKept = random.Next(10) != 0;
                if (!isKept)
                {
                    wanted.Add(pair);
                }

                return isKept;
            });
        }
        else
        {
            wanted = InteractionFile.Read(valid, users, items);
        }

        var final = InteractionFile.Read(test, users, items);
        return new RankingData
        {
            Known = TrainingSet.Of(Matrix(known, users.Count, items.Count), items.Ids),
            Wanted = Matrix(wanted, users.Count, items.Count),
            All = TrainingSet.Of(Matrix([.. known, .. wanted], users.Count, items.Count), items.Ids),
            Test = Matrix(final, users.Count, items.Count),
        };
    }

    /// <summary>Reads histories in time order: the last item is the test, the one before the validation.</summary>
    public static RankingData OfSequences(string path)
    {
        var (users, items) = (new IdIndex(), new IdIndex());
        var pairs = InteractionFile.Read(path, users, items);
        var (known, wanted, test) = (new List<(int, int)>(), new List<(int, int)>(), new List<(int, int)>());
        foreach (var sequence in pairs.GroupBy(pair => pair.User))
        {
            var all = sequence.ToArray();
            if (all.Length < 3)
            {
                known.AddRange(all);
                continue;
            }

            known.AddRange(all[..^2]);
            wanted.Add(all[^2]);
            test.Add(all[^1]);
        }

        if (test.Count == 0)
        {
            throw new SetupException($"{path}: no user has three items or more.");
        }

        // Wanted items are newer than all that is known of the same user.
        return new RankingData
        {
            Known = Ordered(known, users, items),
            Wanted = Matrix(wanted, users.Count, items.Count),
            All = Ordered([.. known, .. wanted], users, items),
            Test = Matrix(test, users.Count, items.Count),
        };
    }

    public static Interactions Matrix(
        IReadOnlyCollection<(int User, int Item)> pairs, int users, int items) => Interactions.Create(
            users,
            items,
            pairs.Distinct().Select(pair => pair.User).ToArray(),
            pairs.Distinct().Select(pair => pair.Item).ToArray());

    private static TrainingSet Ordered(
        IReadOnlyCollection<(int User, int Item)> pairs, IdIndex users, IdIndex items) => new(
            Matrix(pairs, users.Count, items.Count),
            HistorySet.InOrder(users.Count, [.. pairs.Select(pair => (pair.User, pair.Item, 1f))]),
            items.Ids);
}
