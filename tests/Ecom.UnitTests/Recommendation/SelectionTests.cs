using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Storage;

namespace Ecom.UnitTests.Recommendation;

public sealed class SelectionTests
{
    [Fact]
    public void Without_diversity_and_rotation_relevance_ranks_and_the_earlier_of_equals_comes_first() =>
        Assert.Equal([1, 3, 0, 2], Rank(new(), Of(2.1f), Of(2.5f), Of(1.9f), Of(2.5f)));

    [Fact]
    public void What_was_shown_lately_moves_down_by_the_strength_of_rotation()
    {
        var shown = Of(2.9f) with { Shown = 1 };

        Assert.Equal([0, 1], Rank(new() { Rotation = 0.3 }, shown, Of(2.5f)));
        Assert.Equal([1, 0], Rank(new() { Rotation = 0.5 }, shown, Of(2.5f)));
        Assert.Equal([0, 1], Rank(new() { Rotation = 0.5 }, shown with { Shown = 0.5f }, Of(2.5f)));
    }

    [Fact]
    public void A_product_of_another_category_comes_before_more_of_the_same()
    {
        Candidate[] candidates =
        [
            Of(2.9f, "Lamps", "Acme"), Of(2.8f, "Lamps", "Acme"), Of(2.79f, "Garden"), Of(2.1f, "Garden"),
        ];

        Assert.Equal([0, 1, 2, 3], Rank(new(), candidates));
        Assert.Equal([0, 2, 1, 3], Rank(new() { Diversity = 0.5 }, candidates));
    }

    [Fact]
    public void What_most_people_want_makes_room_for_other_products()
    {
        Candidate[] candidates =
        [
            .. Enumerable.Range(0, 10).Select(place => Of(2.9f - (place / 100f)) with { IsPopular = true }),
            .. Enumerable.Range(0, 10).Select(place => Of(2.8f - (place / 100f))),
        ];

        Assert.Equal(10, Rank(new(), candidates).Take(10).Count(place => candidates[place].IsPopular));
        Assert.InRange(
            Rank(new() { Diversity = 0.5 }, candidates).Take(10).Count(place => candidates[place].IsPopular), 4, 8);
        Assert.Equal(0, Rank(new() { Diversity = 0.5 }, candidates)[0]);
    }

    [Fact]
    public void An_answer_of_different_products_only_leaves_the_other_candidates_out()
    {
        Candidate[] candidates = [Of(2.9f, "Lamps"), Of(2.8f, "Lamps"), Of(2.79f, "Garden"), Of(2.1f, "Toys")];
        var places = new int[2];

        Assert.Equal(2, Selection.Rank(candidates, Placed(new() { Diversity = 0.5 }), shown: 2, places));

        Assert.Equal([0, 2], places);
    }

    [Fact]
    public void Behind_the_answer_nothing_is_made_different()
    {
        Candidate[] candidates = [Of(2.9f, "Lamps"), Of(2.8f, "Lamps"), Of(2.79f, "Garden"), Of(2.1f, "Toys")];
        var placement = Placed(new() { Diversity = 0.5 });
        var places = new int[4];

        Selection.Rank(candidates, placement, shown: 0, places);

        Assert.Equal([0, 1, 2, 3], places);
    }

    [Fact]
    public void A_list_that_comes_earlier_stays_ahead_whatever_its_deviation()
    {
        // Two lists of the same inner order: their distance of one is no deviation.
        Candidate[] candidates = [Of(3.5f, "Lamps"), Of(3.4f, "Lamps"), Of(2.5f, "Garden"), Of(2.4f, "Toys")];

        Assert.Equal([0, 1, 2, 3], Rank(new() { Diversity = 1 }, candidates));
    }

    [Fact]
    public void Nothing_and_more_places_than_candidates_are_fine()
    {
        Assert.Empty(Rank(new() { Diversity = 1 }));
        Assert.Equal(1, Selection.Rank(new[] { Of(1) }, Placed(new()), 5, new int[5]));
    }

    [Fact]
    public void Each_product_is_shown_as_often_as_its_propensity_says()
    {
        // At the first position: the best with 1 - 0.3 + 0.3 / 4, each other with 0.3 / 4.
        var counts = new int[4];
        var sums = new double[4];
        for (ulong seed = 0; seed < 20_000; seed++)
        {
            var (places, candidates) = Explore(seed, 0.3, pinned: [], order: [2, 0, 3, 1], count: 2);
            counts[places[0]]++;
            foreach (var place in places)
            {
                sums[place] += 1 / candidates[place].Propensity;
            }

            Assert.Equal(2, places.Distinct().Count());
        }

        Assert.Equal(0.775, counts[2] / 20_000.0, 0.01);
        Assert.All(new[] { 0, 1, 3 }, place => Assert.Equal(0.075, counts[place] / 20_000.0, 0.01));

        // Weighed by the inverse, each product counts once at the first position, and at the second one as often as it
        // is still there: the best 0.225 times, each other 0.925 times.
        Assert.Equal(1.225, sums[2] / 20_000, 0.05);
        Assert.All(new[] { 0, 1, 3 }, place => Assert.Equal(1.925, sums[place] / 20_000, 0.1));
    }

    [Fact]
    public void A_pinned_position_is_never_given_away_and_is_certain()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var (places, candidates) = Explore(
                seed, 0.5, pinned: [false, true, false, false], order: [2, 0, 3, 1], count: 3);

            Assert.Equal(0, places[1]);
            Assert.Equal(1, candidates[0].Propensity);
            Assert.Equal(3, places.Distinct().Count());
        }
    }

    [Fact]
    public void What_rules_leave_out_is_never_drawn() =>
        Assert.All(
            Enumerable.Range(0, 200),
            seed => Assert.DoesNotContain(3, Explore((ulong)seed, 0.5, [], order: [2, 0, 1], count: 2).Places));

    [Fact]
    public void A_product_that_had_to_be_drawn_from_the_shelf_first_is_less_likely()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            var candidates = new[] { Of(1), Of(0.1f) with { Source = ListSource.Catalogue } };
            var places = new int[1];
            var random = new SeededDraw(seed);
            Selection.Explore(candidates, [0, 1], [], 0.5, ref random, shelfShare: 0.2, places);

            Assert.Equal(places[0] == 0 ? 0.75 : 0.25 * 0.2, candidates[places[0]].Propensity, 1e-9);
        }
    }

    [Fact]
    public void The_same_draws_can_be_done_again()
    {
        var at = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        double First(string? visitor, DateTimeOffset when)
        {
            var draw = SeededDraw.Of(visitor, when);
            return draw.Next();
        }

        Assert.Equal(First("c:ann", at), First("c:ann", at));
        Assert.NotEqual(First("c:ann", at), First("c:bea", at));
        Assert.NotEqual(First("c:ann", at), First("c:ann", at.AddTicks(1)));
        Assert.InRange(First(null, at), 0, 1);
    }

    private static (int[] Places, Candidate[] Candidates) Explore(
        ulong seed, double exploration, bool[] pinned, int[] order, int count)
    {
        Candidate[] candidates = [Of(1), Of(1), Of(1), Of(1)];
        var places = order[..count];
        var random = new SeededDraw(seed);
        Selection.Explore(candidates, order, pinned, exploration, ref random, shelfShare: 1, places);
        return (places, candidates);
    }

    private static int[] Rank(PlacementSettings settings, params Candidate[] candidates)
    {
        var places = new int[candidates.Length];
        Selection.Rank(candidates.ToArray(), Placed(settings), candidates.Length, places);
        return places;
    }

    private static Placement Placed(PlacementSettings settings) => settings.ToPlacement("home", 1);

    private static Candidate Of(float relevance, string? category = null, string? brand = null) => new()
    {
        Product = new Product("p", 0),
        Facts = ProductFacts.Of(new CatalogueProduct
        {
            ProductId = "p",
            Version = 1,
            Name = "P",
            Category = category,
            Brand = brand,
            Active = true,
        }),
        Relevance = relevance,
    };
}
