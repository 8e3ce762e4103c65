using CsCheck;
using Ecom.Algorithms.Association;

namespace Ecom.UnitTests.Algorithms.Association;

public sealed class FrequentItemSetsTests
{
    // The textbook baskets: bread 0, milk 1, nappies 2, beer 3, eggs 4, cola 5.
    private static readonly int[][] Textbook = [[0, 1], [0, 2, 3, 4], [1, 2, 3, 5], [0, 1, 2, 3], [0, 1, 2, 5]];

    [Fact]
    public void The_textbook_baskets_give_the_textbook_item_sets()
    {
        var mined = FrequentItemSets.Mine(Textbook, new ItemSetOptions { MinimumCount = 3 });

        var found = mined.ItemSets.ToDictionary(set => string.Join(',', set.Items), set => set.Count);
        Assert.Equal(8, found.Count);
        Assert.Equal((4, 4, 4, 3), (found["0"], found["1"], found["2"], found["3"]));
        Assert.Equal((3, 3, 3, 3), (found["0,1"], found["0,2"], found["1,2"], found["2,3"]));
        Assert.Equal(5, mined.BasketCount);
        Assert.False(mined.LimitReached);
    }

    [Fact]
    public void Counts_equal_those_of_a_naive_search() =>
        Gen.Select(Gen.Int[0, 6].Array[0, 9].List[0, 90], Gen.Int[1, 6], Gen.Int[1, 8]).Sample(example =>
        {
            var (baskets, least, length) = example;
            var options = new ItemSetOptions { MinimumCount = least, MaximumLength = length };

            var mined = FrequentItemSets.Mine(baskets, options).ItemSets;

            var found = mined.ToDictionary(set => set.Items.Sum(item => 1 << item), set => set.Count);
            var masks = baskets.ConvertAll(basket => basket.Distinct().Sum(item => 1 << item));
            for (var set = 1; set < 1 << 7; set++)
            {
                var count = masks.Count(basket => (basket & set) == set);
                var frequent = count >= least && int.PopCount(set) <= length;
                Assert.Equal(frequent ? count : 0, found.GetValueOrDefault(set));
            }
        });

    [Fact]
    public void More_item_sets_than_allowed_end_the_search_with_a_signal()
    {
        // 2^20 − 1 subsets: must not be enumerated.
        int[][] baskets = [[.. Enumerable.Range(0, 20)]];

        var mined = FrequentItemSets.Mine(baskets, new ItemSetOptions { MinimumCount = 1, MaximumItemSets = 100 });

        Assert.True(mined.LimitReached);
        Assert.Equal(100, mined.ItemSets.Count);
    }

    [Fact]
    public void Exactly_as_many_item_sets_as_allowed_give_no_signal()
    {
        var options = new ItemSetOptions { MinimumCount = 3, MaximumItemSets = 8 };

        Assert.False(FrequentItemSets.Mine(Textbook, options).LimitReached);
        Assert.True(FrequentItemSets.Mine(Textbook, options with { MaximumItemSets = 7 }).LimitReached);
    }

    [Fact]
    public void No_baskets_and_empty_baskets_have_no_item_sets()
    {
        var options = new ItemSetOptions { MinimumCount = 1 };

        Assert.Empty(FrequentItemSets.Mine([], options).ItemSets);
        Assert.Empty(FrequentItemSets.Mine([[], []], options).ItemSets);
        Assert.Throws<ArgumentOutOfRangeException>(() => FrequentItemSets.Mine([[-1]], options));
    }

    [Theory]
    [InlineData(0.001, 9835, 10)]
    [InlineData(0.1, 30, 3)]
    [InlineData(0, 10, 1)]
    [InlineData(1, 10, 10)]
    public void A_share_becomes_the_smallest_count_that_reaches_it(double share, int baskets, int count) =>
        Assert.Equal(count, ItemSetOptions.CountOf(share, baskets));
}
