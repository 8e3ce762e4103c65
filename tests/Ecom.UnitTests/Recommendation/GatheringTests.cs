using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Storage;
using Ecom.UnitTests.Algorithms.Recommendation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ecom.UnitTests.Recommendation;

public sealed class GatheringTests
{
    private const int Enough = 60;

    private readonly Catalogue _catalogue = new(store: null!, NullLogger<Catalogue>.Instance);
    private readonly PopularLists _popular;
    private readonly ServedModel _model;

    public GatheringTests()
    {
        _popular = new PopularLists(lists: null!, _catalogue, NullLogger<PopularLists>.Instance);
        var recommender = Popularity.Fit(Shops.Of(10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), Shops.Ids(10));
        var generation = new Generation
        {
            Number = 3,
            ModelVersion = 1,
            Trainer = "test",
            ArtefactPath = "/",
            ArtefactSha256 = "0",
            State = "current",
            CustomerCursor = string.Empty,
            Customers = 0,
            Products = 10,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        var model = new ModelWithIds(recommender);
        _model = new ServedModel(generation, model, [.. model.ProductIds.Select(_catalogue.Intern)]);
    }

    [Fact]
    public void Products_come_list_by_list_in_the_order_of_the_placement()
    {
        _popular.TakeOver([Item(7, 9), Item(2, 8), Item(8, 1)], [Item(6, 5)]);

        Assert.Equal(
            "2:personal 1:personal 6:trending 7:popular 8:popular",
            Gather(Asked(["personal", "trending", "popular"]), List(3, new(2, 2, -1), new(1, 1, 2))));
        Assert.Equal("7:popular 2:popular 8:popular", Gather(Asked(["popular"]), List(3, new ModelItem(1, 1, -1))));
        Assert.Equal(
            "2:session 1:session",
            Gather(Asked(["session"]) with { CustomerId = null }, List(3, new(2, 2, -1), new(1, 1, 2))));
    }

    [Fact]
    public void An_earlier_list_is_more_relevant_and_within_a_list_relevance_falls()
    {
        _popular.TakeOver([Item(7, 9), Item(8, 1)], []);
        var candidates = Candidates.Begin(_catalogue.Count);
        var request = Asked(["personal", "popular"]);
        new Gathering(request, _model, List(3, new(2, 2, -1), new(1, 1.5f, -1)), candidates, true)
            .FromLists(_popular, Enough, null);

        var relevance = candidates.Items.ToArray().Select(one => one.Relevance).ToArray();
        Assert.Equal(relevance.OrderDescending(), relevance);
        Assert.Equal(4, relevance.Distinct().Count());
        Assert.Equal([3, 3, 2, 2], relevance.Select(one => (int)one));
    }

    [Fact]
    public void What_is_popular_in_the_segment_comes_before_what_is_popular_and_says_so()
    {
        _popular.TakeOver([Item(7, 9), Item(2, 8), Item(8, 1)], []);
        _popular.TakeOver([Segment(3, "Big \"spenders\"", Item(2, 5), Item(9, 4)), Segment(4, "Gone", Item(1, 1))]);
        var asked = Asked(["personal", "segment", "popular"]);

        Assert.Equal("2:segment 9:segment 7:popular 8:popular", Gather(asked, In(3)));
        Assert.Equal("1:segment 7:popular 2:popular 8:popular", Gather(asked, In(4)));
        Assert.Equal("7:popular 2:popular 8:popular", Gather(asked, In(0)));
        Assert.Equal("7:popular 2:popular 8:popular", Gather(asked, In(5)));

        var candidates = Candidates.Begin(_catalogue.Count);
        var gathering = Gathering(asked, In(3), candidates);
        gathering.FromLists(_popular, Enough, null);
        var head = new AnswerHead
        {
            Arm = null,
            Placement = "home"u8,
            Personalised = false,
            Segment = gathering.Segment!.EscapedName,
            Model = null,
            ModelAgeSeconds = 0,
            DegradedBecause = default,
            Filtered = default,
            Fitting = 4,
            Cursor = null,
        };
        var text = AnswerWriter.Write(head, candidates.Items, [0, 2], gathering.State).ToString();
        var items = JsonDocument.Parse(text).RootElement.GetProperty("items");
        Assert.Equal("segment", items[0].GetProperty("source").GetString());
        Assert.Equal(
            """{"code":"popular_in_segment","text":"Popular in your segment Big \u0022spenders\u0022","""
                + "\"segment\":\"Big \\u0022spenders\\u0022\"}",
            items[0].GetProperty("reason").GetRawText());
        Assert.False(items[1].GetProperty("reason").TryGetProperty("segment", out _));
    }

    [Fact]
    public void Lists_of_segments_are_stored_with_number_and_name()
    {
        SegmentItems[] segments = [Segment(1, "Größe", Item(7, 9), Item(2, 8.5f)), Segment(255, "", Item(1, 1))];

        var read = ListCodec.DecodeSegments(ListCodec.Encode(segments))!;

        Assert.Equal(segments.Select(one => (one.Number, one.Name)), read.Select(one => (one.Number, one.Name)));
        Assert.Equal(segments.SelectMany(one => one.Items), read.SelectMany(one => one.Items));
        Assert.Equal([2, 1], read.Select(one => one.Items.Count));
        Assert.Empty(ListCodec.DecodeSegments(ListCodec.Encode(Array.Empty<SegmentItems>()))!);
        Assert.Null(ListCodec.DecodeSegments(null));
        Assert.Null(ListCodec.DecodeSegments([2, 0]));
    }

    [Fact]
    public void A_list_of_another_generation_names_other_products_and_is_not_read() =>
        Assert.Equal("", Gather(Asked(["personal"]), List(2, new ModelItem(1, 1, -1))));

    [Fact]
    public void What_may_not_be_shown_is_passed_over_and_the_reason_is_told()
    {
        var values = List(3, [.. Enumerable.Range(0, 10).Select(item => new ModelItem(item, 10 - item, -1))]) with
        {
            State = VisitorState.Encode(1, ["item-0"], ["item-1"], ["item-2"]),
        };
        Tell("item-3", stock: 0);
        Tell("item-4", active: false);
        Tell("item-5", stock: 1);
        var text = new byte[PageCursor.LengthOf(null, 1)];
        var length = PageCursor.Write(null, [_catalogue.Intern("item-8")], text);
        var request = Asked(["personal"]) with
        {
            Anchors = ["item-6"],
            Exclude = ["item-7"],
            Cursor = PageCursor.Parse(System.Text.Encoding.UTF8.GetString(text, 0, length)),
        };

        Assert.Equal("5:personal 9:personal", Gather(request, values));
        var gathering = new Gathering(request, _model, values, Candidates.Begin(_catalogue.Count), true);
        string[] verdicts =
        [
            "Bought", "Hidden", "InCart", "NotSold", "NotSold", "Fits", "Anchor", "AskedOut", "ShownBefore", "Fits",
        ];
        for (var item = 0; item < 10; item++)
        {
            Assert.Equal(verdicts[item], gathering.Judge(
                _model.Products[item], _model.Products[item].Facts, null).ToString());
        }

        Assert.StartsWith("0:personal", Gather(request, values, leaveOutBought: false), StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_lets_through_what_fits_and_the_rest_may_follow_later()
    {
        Tell("item-0", brand: "Acme", category: "Home / Lights", price: 500);
        Tell("item-1", brand: "Bolt", category: "Homeware", price: 500);
        Tell("item-2", brand: "acme", category: "home", price: 1_500);
        var values = List(3, new(0, 4, -1), new(1, 3, -1), new(2, 2, -1), new(3, 1, -1));
        var request = Asked(["personal"]);

        Assert.Equal("0:personal 2:personal", Gather(request, values, new ProductFilter { Categories = ["Home"] }));
        Assert.Equal("0:personal 2:personal", Gather(request, values, new ProductFilter { Brands = ["ACME"] }));
        Assert.Equal(
            "0:personal", Gather(request, values, new ProductFilter { Brands = ["Acme"], PriceMax = 500 }));
        Assert.Equal("2:personal", Gather(request, values, new ProductFilter { PriceMin = 501 }));

        var candidates = Candidates.Begin(_catalogue.Count);
        var gathering = new Gathering(request, _model, values, candidates, true);
        gathering.FromLists(_popular, Enough, new ProductFilter { Brands = ["Bolt"] });
        gathering.FromLists(_popular, Enough, null);
        Assert.Equal("1:personal 0:personal 2:personal 3:personal", TextOf(candidates));
    }

    [Fact]
    public void What_fits_several_things_in_the_cart_comes_first_and_the_strongest_gives_the_reason()
    {
        _model.Similar[0] = CompactList.Encode(0, [new(2, 0.5f, -1), new(3, 0.3f, -1)]);
        _model.Similar[1] = CompactList.Encode(0, [new(4, 0.4f, -1), new(3, 0.375f, -1), new(0, 0.1f, -1)]);
        var candidates = Candidates.Begin(_catalogue.Count);
        var request = Asked(["similar"]) with { Anchors = ["item-0", "item-1", "nothing"] };
        new Gathering(request, _model, VisitorValues.Nobody, candidates, true).FromLists(_popular, Enough, null);

        var best = candidates.Items.ToArray().OrderByDescending(one => one.Relevance).ToArray();
        Assert.Equal(["item-3", "item-2", "item-4"], best.Select(one => one.Product.Id));
        Assert.Equal("item-1", best[0].Because!.Id);
        Assert.Equal(0.675f, best[0].Score, 1e-3);
    }

    [Fact]
    public void Lists_are_opened_until_there_are_enough_and_the_shelf_fills_the_rest()
    {
        _popular.TakeOver([Item(7, 9), Item(2, 8), Item(8, 1)], []);
        var candidates = Candidates.Begin(_catalogue.Count);
        var request = Asked(["personal", "popular"]);
        var gathering = new Gathering(request, _model, List(3, new ModelItem(2, 2, -1)), candidates, true);
        gathering.FromLists(_popular, 2, null);
        Assert.Equal("2:personal 7:popular", TextOf(candidates));

        gathering.FromShelf(_model.Products, 4, null);
        Assert.Equal("2:personal 7:popular 0:catalogue 1:catalogue", TextOf(candidates));
        Assert.True(candidates.Items[1].Relevance > candidates.Items[2].Relevance);
    }

    [Fact]
    public void A_product_that_a_rule_brings_is_a_candidate_once_unless_it_may_not_be_shown()
    {
        Tell("item-5", stock: 0);
        var candidates = Candidates.Begin(_catalogue.Count);
        var gathering = new Gathering(
            Asked(["personal"]), _model, List(3, new ModelItem(2, 2, -1)), candidates, true);
        gathering.FromLists(_popular, Enough, null);

        Assert.Equal(0, gathering.TryBring(_model.Products[2]));
        Assert.Equal(1, gathering.TryBring(_model.Products[4]));
        Assert.Equal(-1, gathering.TryBring(_model.Products[5]));
        Assert.Equal("2:personal 4:catalogue", TextOf(candidates));
    }

    private string Gather(
        RecommendationRequest request, VisitorValues values, ProductFilter? filter = null, bool leaveOutBought = true)
    {
        var candidates = Candidates.Begin(_catalogue.Count);
        Gathering(request, values, candidates, leaveOutBought).FromLists(_popular, Enough, filter);
        return TextOf(candidates);
    }

    private Gathering Gathering(
        RecommendationRequest request, VisitorValues values, Candidates candidates, bool leaveOutBought = true) =>
        new(request, _model, values, candidates, leaveOutBought)
        {
            Segment = _popular.OfSegment(new VisitorState(values.State).Segment),
        };

    private static VisitorValues In(int segment) => List(3) with
    {
        State = VisitorState.Encode(1, [], [], [], segment),
    };

    private static SegmentItems Segment(byte number, string name, params ListItem[] items) =>
        new(number, name, items);

    private static string TextOf(Candidates candidates) => string.Join(' ', candidates.Items.ToArray().Select(one =>
        $"{one.Product.Id["item-".Length..]}:{PlacementSources.NameOf(one.Source)}"));

    private static VisitorValues List(long generation, params ModelItem[] items) =>
        new() { Visitor = "c:ann", Generation = generation, List = CompactList.Encode(1, items) };

    private static RecommendationRequest Asked(string[] sources) => new()
    {
        Placement = new PlacementSettings { Sources = sources }.ToPlacement("home", 1),
        CustomerId = "ann",
        AnonymousId = null,
        Anchors = [],
        Count = 10,
    };

    private static ListItem Item(int item, float score) => new($"item-{item}", score);

    private void Tell(
        string id,
        int? stock = null,
        bool active = true,
        string? brand = null,
        string? category = null,
        long? price = null) => _catalogue.Intern(id).Facts = ProductFacts.Of(new CatalogueProduct
        {
            ProductId = id,
            Version = 1,
            Name = id,
            Brand = brand,
            Category = category,
            Price = price,
            Stock = stock,
            Active = active,
        });
}
