using Ecom.Recommendation.Lists;

namespace Ecom.UnitTests.Recommendation;

public sealed class CompactListTests
{
    [Fact]
    public void A_list_is_read_as_it_was_written()
    {
        var list = new CompactList(CompactList.Encode(
            7, [new(70_000, 12.5f, 3), new(2, 0.25f, -1), new(9, 0.125f, 3)]));

        Assert.Equal((7, 3), (list.Ticket, list.Count));
        Assert.Equal((70_000, 12.5f, 3), (list.ProductAt(0), list.ScoreAt(0), list.ReasonAt(0)));
        Assert.Equal((2, 0.25f, -1), (list.ProductAt(1), list.ScoreAt(1), list.ReasonAt(1)));
        Assert.Equal((9, 0.125f, 3), (list.ProductAt(2), list.ScoreAt(2), list.ReasonAt(2)));
    }

    [Fact]
    public void A_score_keeps_its_order_and_four_digits()
    {
        float[] scores = [float.MaxValue, 1_234.567f, 1, 0.333333f, 1e-20f];
        var list = new CompactList(CompactList.Encode(0, [.. scores.Select(score => new ModelItem(1, score, -1))]));

        for (var at = 0; at < scores.Length; at++)
        {
            Assert.InRange(list.ScoreAt(at), scores[at] * 0.9999f, scores[at]);
        }
    }

    [Fact]
    public void Twenty_items_with_twenty_reasons_take_212_bytes()
    {
        var items = Enumerable.Range(0, 20).Select(item => new ModelItem(item, 1, item + 100)).ToArray();

        Assert.Equal(212, CompactList.Encode(1, items).Length);
        Assert.Equal(12, CompactList.Encode(1, []).Length);
    }

    [Fact]
    public void Of_more_than_255_reasons_the_later_ones_are_not_kept()
    {
        var items = Enumerable.Range(0, 400).Select(item => new ModelItem(item, 1, item)).ToArray();
        var list = new CompactList(CompactList.Encode(1, items));

        Assert.Equal(400, list.Count);
        Assert.Equal(254, list.ReasonAt(254));
        Assert.Equal(-1, list.ReasonAt(255));
    }

    [Fact]
    public void The_largest_position_fits_and_one_more_is_refused()
    {
        var list = new CompactList(CompactList.Encode(1, [new((1 << 24) - 1, 1, (1 << 24) - 1)]));

        Assert.Equal(((1 << 24) - 1, (1 << 24) - 1), (list.ProductAt(0), list.ReasonAt(0)));
        Assert.Throws<InvalidDataException>(() => CompactList.Encode(1, [new(1 << 24, 1, -1)]));
        Assert.Throws<OverflowException>(() => CompactList.Encode(1, new ModelItem[65_536]));
    }

    [Fact]
    public void A_missing_foreign_or_cut_value_is_an_empty_list()
    {
        var value = CompactList.Encode(1, [new(1, 1, 2), new(3, 0.5f, 4)]);

        Assert.Equal(0, new CompactList(null).Count);
        for (var length = 0; length < value.Length; length++)
        {
            Assert.Equal(0, new CompactList(value.AsSpan(0, length)).Count);
        }

        value[0]++;
        Assert.Equal(0, new CompactList(value).Count);
    }

    [Fact]
    public void A_reason_that_is_not_there_is_none()
    {
        var value = CompactList.Encode(1, [new(1, 1, 2)]);
        value[^1] = 9;

        Assert.Equal(-1, new CompactList(value).ReasonAt(0));
    }
}
