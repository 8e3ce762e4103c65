using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Cli.Evaluate;
using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Cli.Evaluate;

public sealed class RankingDataTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ecom-ranking").FullName;

    [Fact]
    public void Empty_rows_and_repeated_pairs_change_nothing()
    {
        var data = RankingData.OfSplit(
            Write("train", "u1 a b b", "u2", "", "u3 b c"), Write("valid", "u1 c"), Write("test", "u3 a a"), seed: 1);

        Assert.Equal(4, data.Known.Matrix.Count);
        Assert.Equal(5, data.All.Matrix.Count);
        Assert.Equal(1, data.Test.Count);
        Assert.All(data.Known.Matrix.Weights, weight => Assert.Equal(1, weight));
    }

    [Fact]
    public void Ids_of_a_hundred_characters_and_with_blanks_are_taken_as_they_are()
    {
        var id = new string('x', 100);
        var data = RankingData.OfSplit(
            Write("train", $"u 1\t{id}\titem with blanks", "u2\tb\tc"),
            Write("valid", "u 1\tb"),
            Write("test", "u2\td"),
            seed: 1);

        Assert.Contains("item with blanks", data.All.ItemIds);
        Assert.Contains(id, data.All.ItemIds);
    }

    [Fact]
    public void An_id_too_long_and_an_empty_file_name_file_and_line()
    {
        var tooLong = Write("train", "u1 a", "u2 " + new string('x', 101));
        var error = Assert.Throws<SetupException>(() => RankingData.OfSplit(tooLong, null, tooLong, 1));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);

        var empty = Write("empty", "u1", "");
        Assert.Throws<SetupException>(() => RankingData.OfSplit(empty, null, empty, 1));
        Assert.Throws<SetupException>(() => RankingData.OfSequences(Write("short", "u1 a b")));
    }

    [Fact]
    public void The_last_item_is_the_test_and_the_one_before_the_validation()
    {
        var data = RankingData.OfSequences(Write("sequences", "u1 a b c d", "u2 d c"));

        string Id(int item) => data.All.ItemIds[item];
        Assert.Equal("d", Id(data.Test.ItemsOf(0)[0]));
        Assert.Equal("c", Id(data.Wanted.ItemsOf(0)[0]));
        Assert.Equal(["a", "b", "c"], data.All.Histories.Of(0).Items.ToArray().Select(Id));
        Assert.Empty(data.Test.ItemsOf(1).ToArray());
    }

    [Fact]
    public void One_user_with_one_item_a_part_is_evaluated()
    {
        var data = RankingData.OfSplit(Write("train", "u a"), Write("valid", "u b"), Write("test", "u c"), 1);

        var rows = new RankingRun(data, new TuningOptions { Threads = 1 }, _ => { }, default).Run();

        Assert.Equal([RankingRun.Default, RankingRun.Diverse], rows.TakeLast(2).Select(row => row.Model));
        Assert.All(rows, row => Assert.InRange(row.Metrics["ndcg@20"], 0, 1));
    }

    [Fact]
    public void Kinds_of_behaviour_that_foretell_purchases_get_weight()
    {
        // Each user bought one product, looked at those of one taste, and buys another of that taste.
        string[] Lines(Func<int, IEnumerable<int>> items) =>
            [.. Enumerable.Range(0, 60).SelectMany(user => items(user).Select(item => $"u{user} i{item}"))];
        int Of(int user, int step) => (user % 3 * 10) + ((user + step) % 10);
        var buy = Write("buy", Lines(user => [Of(user, 0)]));
        var view = Write("view", Lines(user => [Of(user, 1), Of(user, 2), Of(user, 3), Of(user, 4), Of(user, 5)]));
        var data = BehaviourData.Read(
            $"buy={buy},view={view}", Write("valid", Lines(user => [Of(user, 3)])), Write("test", Lines(
                user => [Of(user, 4)])));
        // Memory for neighbours only: methods of vectors take their time without optimisation.
        var options = new TuningOptions { Threads = 1, Budget = TimeSpan.FromSeconds(1), MostBytes = 30_000 };

        var bought = Value(data.BuysOnly);
        var all = Value(data.AllKinds);

        Assert.True(all > 1.2 * bought, $"{all} against {bought} of purchases alone");
        Assert.Throws<SetupException>(() => BehaviourData.Read($"view={view}", view, view));

        double Value(RankingData part)
        {
            var tuned = RecommenderTuning.Tune(part.Known, part.Wanted, part.ExcludedWhileTuning, options);
            return new HeldOut(part.All, part.Test, part.ExcludedInTest, 60, seed: 1)
                .Ndcg(tuned.Fit(part.All, threads: 1, seed: 1), threads: 1);
        }
    }

    [Fact]
    public void A_kind_that_comes_with_most_purchases_counts_for_all_of_them_and_hides_none()
    {
        var data = BehaviourData.Read(
            $"buy={Write("buy", "u a b c")},view={Write("view", "u a b", "u d")},fav={Write("fav", "u a")}",
            Write("valid", "u d"),
            Write("test", "u e"));

        var known = data.AllKinds;

        // Five items: purchases 0 to 4, views 5 to 9, favourites 10 to 14.
        Assert.Equal(["buy", "view", "fav"], known.Known.Kinds);
        Assert.Equal([0, 1, 2, 5, 6, 7, 8, 10], known.Known.Matrix.ItemsOf(0).ToArray());
        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8, 10], known.All.Matrix.ItemsOf(0).ToArray());
        Assert.Equal([0, 1, 2], known.ExcludedWhileTuning!.ItemsOf(0).ToArray());
        Assert.Equal([0, 1, 2], data.BuysOnly.Known.Matrix.ItemsOf(0).ToArray());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(_directory, name + ".txt");
        File.WriteAllLines(path, lines);
        return path;
    }
}
