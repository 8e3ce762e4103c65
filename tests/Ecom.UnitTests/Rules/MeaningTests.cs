using Ecom.Rules.Checking;
using Ecom.Rules.Syntax;

namespace Ecom.UnitTests.Rules;

/// <summary>What rules mean, by examples.</summary>
public sealed class MeaningTests
{
    [Theory]
    [InlineData("amount >= 10", true)]
    [InlineData("amount > 10", false)]
    [InlineData("amount = 10 and amount == 10", true)]
    [InlineData("amount / mean > 4 and country in (\"NG\", \"RO\")", true)]
    [InlineData("country not in (\"NG\")", false)]
    [InlineData("country in (\"ng\")", false)]
    [InlineData("1 + 2 * 3 == 7 and (1 + 2) * 3 == 9 and 8 / 4 / 2 == 1 and 5 - 3 - 1 == 1", true)]
    [InlineData("-amount == -10 and --amount == 10 and 2 * -amount == -20", true)]
    [InlineData("true or true and false", true)]
    [InlineData("(true or true) and false", false)]
    [InlineData("not false and false", false)]
    [InlineData("not (false and false)", true)]
    [InlineData("is_new == (amount > 5)", true)]
    [InlineData("min(amount, mean, 3) == 2 and max(amount, mean) == 10 and abs(-3) == 3", true)]
    [InlineData("floor(2.5) == 2 and ceil(2.5) == 3 and round(2.5) == 3 and sqrt(9) == 3 and log(1) == 0", true)]
    [InlineData("starts_with(country, \"N\") and ends_with(country, \"G\") and contains(\"xNGy\", country)", true)]
    [InlineData("length(country) == 2", true)]
    [InlineData("if(is_new, amount, mean) == 10", true)]
    [InlineData("country == \"\\u004eG\"", true)]
    [InlineData("amount in (1, 10) and amount in (1e1)", true)]
    [InlineData("card in list(\"blocked-cards\")", true)]
    [InlineData("card not in list(\"blocked-cards\")", false)]
    [InlineData("country in list(\"blocked-cards\")", false)]
    public void A_rule_means_what_it_says(string rule, bool holds) =>
        Assert.Equal(holds, Any().Holds(rule));

    [Theory]
    [InlineData("count > 0 or count < 0 or count == 0 or count != 0")]
    [InlineData("not (not (count > 0))")]
    [InlineData("count in (1) or count not in (1)")]
    [InlineData("count + 1 > 0 or -count < 5 or abs(count) >= 0 or min(count, 1) < 5 or max(count, 1) > 0")]
    [InlineData("is_robot")]
    [InlineData("is_robot == false or is_robot != true")]
    [InlineData("amount / (mean - 2) > 0 or amount / (mean - 2) <= 0")]
    [InlineData("1e308 * amount > 0")]
    [InlineData("sqrt(-amount) < 1 or log(-amount) < 1")]
    public void What_is_missing_holds_in_no_comparison(string rule) => Assert.False(Any().Holds(rule));

    [Theory]
    [InlineData("is_missing(count) and is_missing(count + 1) and is_missing(is_robot)")]
    [InlineData("is_missing(amount / (mean - 2)) and is_missing(1e308 * amount) and not is_missing(amount)")]
    [InlineData("coalesce(count, 7) == 7 and coalesce(count, amount, 7) == 10")]
    [InlineData("coalesce(is_robot, true) and not is_robot")]
    [InlineData("not (count > 0)")]
    [InlineData("not (count in (1))")]
    [InlineData("if(count > 0, 1, 2) == 2")]
    public void What_is_missing_can_be_asked_for(string rule) => Assert.True(Any().Holds(rule));

    [Fact]
    public void Missing_texts_hold_in_no_comparison()
    {
        var vector = new Vector();

        Assert.False(vector.Holds("country == \"\" or country != \"\" or country in (\"\") or country not in (\"x\")"));
        Assert.False(vector.Holds("starts_with(country, \"\") or contains(\"x\", country) or length(country) >= 0"));
        Assert.False(vector.Holds("country in list(\"x\") or country not in list(\"x\")"));
        Assert.True(vector.Holds("is_missing(country) and coalesce(country, \"NG\") == \"NG\""));
    }

    [Fact]
    public void An_infinite_number_of_the_host_is_missing() =>
        Assert.True(new Vector().With("amount", double.PositiveInfinity).Holds("is_missing(amount)"));

    [Fact]
    public void An_explanation_names_each_condition_with_its_values()
    {
        var explanation = Any().Explain("(amount / mean > 4 or count > 1) and not country in (\"GB\")");

        Assert.True(explanation.Holds);
        Assert.Equal(
            [("amount / mean > 4", true), ("count > 1", false), ("country in (\"GB\")", false)],
            explanation.Conditions.Select(condition => (condition.Text, condition.Holds)));
        Assert.Equal((5, 4), (explanation.Conditions[0].Value, explanation.Conditions[0].Threshold));
        Assert.Equal(["amount", "mean"], explanation.Conditions[0].Features.Select(feature => feature.Name));
        Assert.Equal([10, 2], explanation.Conditions[0].Features.Select(feature => feature.Number));
        Assert.Null(explanation.Conditions[1].Value);
        Assert.Null(explanation.Conditions[1].Features[0].Number);
        Assert.Equal("NG", explanation.Conditions[2].Features[0].Text);
        Assert.Equal(new SourceSpan(1, 17, 1, 2), explanation.Conditions[0].Span);
    }

    [Fact]
    public void A_measure_is_the_first_comparison_of_numbers_that_holds()
    {
        var features = Any().ToFeatures();

        Assert.Equal((5, 4), Vector.Compile("is_new and (count > 1 or amount / mean > 4)").Measure(features));
        Assert.Null(Vector.Compile("is_new and country == \"NG\"").Measure(features));
    }

    [Fact]
    public void A_rule_tells_what_it_names_and_costs()
    {
        var rule = Vector.Compile("amount > 1 and (amount < 9 or card in list(\"a\")) and country in list(\"b\")");

        Assert.Equal(["amount", "card", "country"], rule.Features);
        Assert.Equal(["a", "b"], rule.Lists);
        Assert.Equal(new RuleCost(Nodes: 12, Depth: 4, Cost: 28), rule.Cost);
    }

    private static Vector Any() => new Vector()
        .With("amount", 10).With("mean", 2).With("is_new", true).With("country", "NG").With("card", "c1")
        .Listed("blocked-cards", "c1");
}
