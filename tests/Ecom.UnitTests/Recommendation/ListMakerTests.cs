using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;
using Ecom.UnitTests.Algorithms.Recommendation;
using Microsoft.Extensions.Options;

namespace Ecom.UnitTests.Recommendation;

public sealed class ListMakerTests
{
    // What was bought with item 0 is item 1, with item 2 item 3; item 9 is unknown to the model.
    private static readonly ItemSimilarity _recommender = ItemNeighbours.Fit(
        Shops.Of(4, [0, 1], [0, 1], [2, 3], [2, 3]), Shops.Ids(4), new ItemNeighboursOptions { Threads = 1 });

    private static readonly ModelWithIds _model = new(_recommender);

    [Theory]
    [InlineData("Seen", "Seen", "1 3")]
    [InlineData("Wished", "Seen", "1 3")]
    [InlineData("Seen", "Wished", "3 1")]
    [InlineData("Wished", "Carted", "3 1")]
    [InlineData("Bought", "Carted", "1 3")]
    public void The_strongest_interest_counts(string first, string second, string expected)
    {
        var list = new CompactList(Make(new(), (0, first), (2, second), (9, "Bought")));

        Assert.Equal(expected, TextOf(list));
        var ratio = list.ScoreAt(0) / list.ScoreAt(1);
        var (one, other) = (WeightOf(first), WeightOf(second));
        Assert.Equal(Math.Max(one, other) / Math.Min(one, other), ratio, 1e-3);
    }

    [Fact]
    public void Weights_can_be_set() =>
        Assert.Equal("1 3", TextOf(new CompactList(Make(
            new() { Weights = new() { Seen = 4, Bought = 2 } }, (0, "Seen"), (2, "Bought")))));

    [Fact]
    public void What_the_model_learnt_counts_before_what_is_set()
    {
        var learnt = new ModelWithIds(_recommender, new Dictionary<string, double> { ["view"] = 0.4, ["cart"] = 0.2 });
        string Made(params (int Item, string Interest)[] touched) => TextOf(new CompactList(
            new ListMaker(Options.Create(new RecommendationOptions())).Make(History("a:browser", touched), 1, learnt)));

        Assert.Equal("3 1", Made((0, "Carted"), (2, "Seen")));
        Assert.Equal("3", Made((0, "Wished"), (2, "Seen")));
        Assert.Equal("", Made((0, "Bought"), (2, "Wished")));
    }

    [Fact]
    public void A_customer_is_not_offered_what_was_bought_nor_what_is_hidden_and_a_browser_not_what_it_saw()
    {
        var history = History("c:ann", (0, "Bought"), (1, "Seen")) with { Bought = ["item-0"], Hidden = ["item-3"] };
        var maker = new ListMaker(Options.Create(new RecommendationOptions()));

        Assert.Equal("1", TextOf(new CompactList(maker.Make(history, 1, _model))));
        Assert.Equal("", TextOf(new CompactList(maker.Make(history with { Visitor = "a:browser" }, 1, _model))));
        Assert.Equal("", TextOf(new CompactList(maker.Make(History("c:new"), 1, _model))));
    }

    private static float WeightOf(string interest) => new InterestWeights().Of(Enum.Parse<Interest>(interest));

    private static byte[] Make(RecommendationOptions options, params (int Item, string Interest)[] touched) =>
        new ListMaker(Options.Create(options)).Make(
            History("a:browser", touched), 1, _model);

    private static VisitorHistory History(string visitor, params (int Item, string Interest)[] touched) => new()
    {
        Visitor = visitor,
        Products = [.. touched.Select(one => $"item-{one.Item}")],
        Interests = [.. touched.Select(one => (int)Enum.Parse<Interest>(one.Interest))],
        Bought = [],
        Hidden = [],
        Carried = [],
    };

    private static string TextOf(CompactList list)
    {
        var products = new List<int>();
        for (var at = 0; at < list.Count; at++)
        {
            products.Add(list.ProductAt(at));
        }

        return string.Join(' ', products);
    }
}
