using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Storage;

namespace Ecom.UnitTests.Recommendation;

public sealed class RuleSetTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_rules_the_order_stays() => Assert.Equal("a b c", Arrange(3));

    [Fact]
    public void A_pin_takes_its_position_and_the_others_close_up() =>
        Assert.Equal("a e b", Arrange(3, new RulePlan { Pin = 2, When = new() { Products = ["e"] } }));

    [Fact]
    public void Of_two_pins_on_one_position_the_higher_priority_wins_and_a_product_is_pinned_once() =>
        Assert.Equal("d c a", Arrange(
            3,
            new RulePlan { Pin = 1, When = new() { Products = ["e"] } },
            new RulePlan { Pin = 1, Priority = 5, When = new() { Products = ["d"] } },
            new RulePlan { Pin = 2, When = new() { Products = ["d", "c"] } }));

    [Fact]
    public void A_boost_divides_the_place_and_a_bury_multiplies_it()
    {
        Assert.Equal("a d b c e", Arrange(5, new RulePlan { Boost = 3, When = new() { Products = ["d"] } }));
        Assert.Equal("b c a d e", Arrange(5, new RulePlan { Boost = 0.3, When = new() { Products = ["a"] } }));
    }

    [Fact]
    public void What_is_excluded_is_gone_even_where_it_is_pinned() =>
        Assert.Equal("a c d", Arrange(
            3,
            new RulePlan { Exclude = true, When = new() { Brands = ["BOLD"] } },
            new RulePlan { Pin = 1, When = new() { Products = ["b"] } }));

    [Theory]
    [InlineData(0.5, "a e b f")]
    [InlineData(0.25, "a b c e")]
    [InlineData(1, "e f a b")]
    public void A_promotion_gets_its_share_in_every_beginning_of_the_list(double share, string expected) =>
        Assert.Equal(expected, Arrange(
            4, new RulePlan { Promote = share, When = new() { Categories = ["home / lights"] } }));

    [Fact]
    public void Conditions_hold_all_together_and_unknown_values_fit_no_bound()
    {
        Assert.Equal("b c d e f", Arrange(6, new RulePlan { Exclude = true, When = new() { PriceTo = 100 } }));
        Assert.Equal("a c d e f", Arrange(6, new RulePlan
        {
            Exclude = true,
            When = new() { PriceFrom = 150, PriceTo = 200, StockTo = 5 },
        }));
        Assert.Equal("a b c d", Arrange(6, new RulePlan { Exclude = true, When = new() { Categories = ["Home"] } }));
        Assert.Equal("a b c d e f", Arrange(6, new RulePlan { Exclude = true, When = new() { Categories = ["Hom"] } }));
    }

    [Fact]
    public void An_expired_rule_and_one_for_other_visitors_do_nothing()
    {
        var exclude = new RulePlan { Exclude = true, When = new() { Products = ["a"] } };

        Assert.Equal("a b", Arrange(2, exclude with { ExpiresAt = _now }));
        Assert.Equal("a b", Arrange(2, exclude with { When = exclude.When with { Visitor = "anonymous" } }));
        Assert.Equal("b c", Arrange(2, exclude with { When = exclude.When with { Visitor = "known" } }));
    }

    [Fact]
    public void A_rule_of_another_placement_is_not_in_the_set()
    {
        var rule = Of(1, new RulePlan { Exclude = true, Placements = ["cart"], When = new() { Products = ["a"] } });

        Assert.True(RuleSet.Of([rule], "home").IsEmpty);
        Assert.False(RuleSet.Of([rule], "cart").IsEmpty);
    }

    [Fact]
    public void Everything_excluded_gives_an_empty_answer() =>
        Assert.Equal("", Arrange(3, new RulePlan
        {
            Exclude = true,
            When = new() { Products = ["a", "b", "c", "d", "e", "f"] },
        }));

    [Fact]
    public void Each_rule_tells_its_verdict()
    {
        var rules = RuleSet.Of(
            [
                Of(1, new RulePlan { Boost = 2, Title = "push", When = new() { Products = ["a"] } }),
                Of(2, new RulePlan { Exclude = true, Title = "ban", Priority = 1, When = new() { Brands = ["acme"] } }),
                Of(3, new RulePlan { Exclude = true, Title = "other", When = new() { Products = ["b"] } }),
            ],
            "home");

        var verdicts = rules.Explain(_candidates[0], isKnown: true, _now).ToArray();

        Assert.Equal([(2, "exclude"), (1, "boost")], verdicts.Select(verdict => (verdict.Rule, verdict.Effect)));
    }

    [Fact]
    public void A_wrong_rule_is_told_place_by_place()
    {
        var errors = new RulePlan
        {
            Pin = 0,
            Boost = 1,
            Placements = ["home", "nowhere"],
            When = new() { Brands = ["ok", ""], PriceFrom = 2, PriceTo = 1, Visitor = "dog" },
        }.Check(_now, ["home"]);

        Assert.Equal(
            [
                "$", "expiresAt", "owner", "pin", "placements[1]", "title", "when.brands[1]", "when.priceFrom",
                "when.visitor",
            ],
            errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_matches_a_product_is_looked_at_again_when_its_master_data_change()
    {
        var plan = new RulePlan { Boost = 2, When = new() { Brands = ["Acme"] } };
        var rules = RuleSet.Of([Of(1, plan with { When = new() { StockFrom = 5 } }), Of(2, plan)], "home");
        var product = new Product("a", number: 3_000);
        var bold = ProductFacts.Of(Candidate("a", "Bold", "Garden", 100, 9).Master!);
        var acme = ProductFacts.Of(Candidate("a", "Acme", "Garden", 100, null).Master!);

        Assert.Equal(0b01ul, rules.MatchesOf(product, bold));
        Assert.Equal(0b01ul, rules.MatchesOf(product, bold));
        Assert.Equal(0b10ul, rules.MatchesOf(product, acme));
        Assert.Equal(0ul, rules.MatchesOf(new Product("b", number: 2_999), ProductFacts.Unknown("b")));
    }

    private static readonly RuleCandidate[] _candidates =
    [
        Candidate("a", "Acme", "Garden", 100, null),
        Candidate("b", "Bold", "Garden", 200, 3),
        Candidate("c", "Acme", "Garden", null, 3),
        new RuleCandidate("d", null),
        Candidate("e", "Acme", "Home / Lights", 300, 9),
        Candidate("f", "Acme", "Home/Lights", 300, 9),
    ];

    private static string Arrange(int count, params RulePlan[] plans)
    {
        var rules = RuleSet.Of(plans.Select((plan, index) => Of(index + 1, plan)), "home");
        var ranked = _candidates.ToArray();
        ranked[5] = Candidate("f", "Acme", "Home / Lights", 300, 9);
        var places = new int[count];
        var placed = rules.Arrange(ranked, isKnown: true, _now, places);
        return string.Join(' ', places.Take(placed).Select(at => ranked[at].ProductId));
    }

    private static Rule Of(long number, RulePlan plan) => new()
    {
        Number = number,
        Version = 1,
        State = "active",
        Plan = plan with { ExpiresAt = plan.ExpiresAt ?? _now.AddDays(1) },
        ChangedBy = "test",
        ChangedAt = _now,
    };

    private static RuleCandidate Candidate(string id, string brand, string category, long? price, int? stock) => new(
        id,
        new CatalogueProduct
        {
            ProductId = id,
            Version = 1,
            Name = id,
            Brand = brand,
            Category = category,
            Price = price,
            Stock = stock,
            Active = true,
        });
}
