using Ecom.Recommendation.Lists;

namespace Ecom.UnitTests.Recommendation;

public sealed class VisitorTests
{
    [Fact]
    public void A_customer_comes_before_the_browser_and_the_two_never_share_a_name()
    {
        Assert.Equal("c:ann", Visitor.Of("ann", "browser"));
        Assert.Equal("a:ann", Visitor.Of(null, "ann"));
        Assert.Null(Visitor.Of(null, null));
        Assert.True(Visitor.IsCustomer(Visitor.Customer("a:ann")));
        Assert.False(Visitor.IsCustomer(Visitor.Anonymous("c:ann")));
    }

    [Fact]
    public void A_state_knows_what_was_bought_hidden_and_carried()
    {
        Product[] products = [.. Enumerable.Range(0, 6).Select(number => new Product($"p {number}", number))];
        var state = new VisitorState(VisitorState.Encode(9, ["p 0", "p 1"], ["p 2"], ["p 3", "p 0"]));

        Assert.True(state.IsKnown);
        Assert.Equal(9, state.Ticket);
        for (var number = 0; number < products.Length; number++)
        {
            Assert.Equal(number is 0 or 1, state.HasBought(products[number]));
            Assert.Equal(number is 2, state.HasHidden(products[number]));
            Assert.Equal(number is 3 or 0, state.HasInCart(products[number]));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(255, 255)]
    [InlineData(256, 0)]
    [InlineData(513, 0)]
    public void A_state_knows_the_segment_and_one_that_no_byte_holds_is_unknown(int told, int kept)
    {
        var state = new VisitorState(VisitorState.Encode(long.MaxValue, ["p"], ["q"], ["r"], told));

        Assert.Equal(kept, state.Segment);
        Assert.Equal(long.MaxValue, state.Ticket);
        Assert.True(state.HasInCart(new Product("r", 0)));
        Assert.Equal(0, new VisitorState(VisitorState.Encode(1, [], [], [])).Segment);
    }

    [Fact]
    public void A_missing_foreign_or_cut_state_is_unknown()
    {
        var value = VisitorState.Encode(9, ["p"], ["q"], []);

        for (var length = 0; length < value.Length; length++)
        {
            Assert.False(new VisitorState(value.AsSpan(0, length)).IsKnown);
        }

        value[0]++;
        Assert.False(new VisitorState(value).IsKnown);
        Assert.True(new VisitorState(VisitorState.Encode(1, [], [], [])).IsKnown);
    }
}
