using Ecom.Contracts.Fraud;
using Ecom.Fraud;
using Ecom.Fraud.Rules;
using Microsoft.Extensions.Configuration;

namespace Ecom.UnitTests.Fraud;

public sealed class RuleSetTests
{
    [Fact]
    public void The_score_joins_the_weights_and_reasons_come_weightiest_first()
    {
        var rules = Rules(
            ("light", Rule("amount", 10, 0.2)), ("heavy", Rule("card_payments_1h", 2, 0.5)),
            ("other", Rule("amount", 1_000, 0.9)));

        var verdict = rules.Judge(Vector(("amount", 10), ("card_payments_1h", 3)));

        Assert.Equal(1 - (0.5 * 0.8), verdict.Score, 12);
        Assert.Equal(["heavy", "light"], verdict.Reasons.Select(reason => reason.Code));
        Assert.Equal("3 of 2", verdict.Reasons[0].Text);
        Assert.Equal((3, 2), (verdict.Reasons[0].Value, verdict.Reasons[0].Threshold));
        Assert.Equal(FraudDecision.Review, verdict.Decision);
    }

    [Theory]
    [InlineData("AtLeast", 2, true)]
    [InlineData("AtLeast", 1.999, false)]
    [InlineData("Above", 2, false)]
    [InlineData("AtMost", 2, true)]
    [InlineData("Below", 2, false)]
    [InlineData("Below", 1.999, true)]
    public void A_threshold_is_exact(string comparison, double value, bool fits)
    {
        var rule = Rule("amount", 2, 0.5);
        rule.Comparison = Enum.Parse<Comparison>(comparison);

        Assert.Equal(fits, Rules(("x", rule)).Judge(Vector(("amount", value))).Reasons.Count == 1);
    }

    [Theory]
    [InlineData(0.49, FraudDecision.Allow, FraudDecision.Allow)]
    [InlineData(0.5, FraudDecision.Allow, FraudDecision.Review)]
    [InlineData(0.9, FraudDecision.Allow, FraudDecision.Block)]
    [InlineData(0.1, FraudDecision.Block, FraudDecision.Block)]
    [InlineData(0.95, FraudDecision.Review, FraudDecision.Block)]
    public void The_stricter_of_score_and_action_decides(
        double weight, FraudDecision action, FraudDecision expected)
    {
        var rule = Rule("amount", 1, weight);
        rule.Action = action;

        Assert.Equal(expected, Rules(("x", rule)).Judge(Vector(("amount", 1))).Decision);
    }

    [Fact]
    public void A_missing_value_fits_no_rule_and_further_conditions_must_hold()
    {
        var rule = Rule("amount", 1, 0.5);
        rule.Also.Add(new ConditionOptions { Feature = "card_payments_1h", Threshold = 2 });
        var rules = Rules(("x", rule));

        Assert.Empty(rules.Judge(Vector(("amount", null), ("card_payments_1h", 2))).Reasons);
        Assert.Empty(rules.Judge(Vector(("amount", 1), ("card_payments_1h", 1))).Reasons);
        Assert.Single(rules.Judge(Vector(("amount", 1), ("card_payments_1h", 2))).Reasons);
    }

    [Fact]
    public void The_default_rules_are_valid_and_configuration_changes_one_number()
    {
        var options = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rules:device_ring:Threshold"] = "4",
            ["Rules:mine:Feature"] = "amount",
            ["Rules:mine:Weight"] = "0.1",
            ["Rules:mine:Text"] = "Much.",
        }).Build().Get<FraudOptions>()!;

        Assert.True(Check(options).Succeeded);
        Assert.Equal(4, options.Rules["device_ring"].Threshold);
        Assert.Equal("device_customers_7d_with_this", options.Rules["device_ring"].Feature);
        Assert.Equal(DefaultRules.Make().Count + 1, options.Rules.Count);
        Assert.NotEqual(new RuleSet(new FraudOptions()).Version, new RuleSet(options).Version);
    }

    [Fact]
    public void A_rule_that_could_not_work_is_named()
    {
        var rule = Rule("card_paymnts_1h", 1, 1.5);
        rule.Text = " ";

        var failures = Check(Options(("wrong", rule))).Failures!.ToArray();

        Assert.Equal(3, failures.Length);
        Assert.All(failures, failure => Assert.Contains("Fraud:Rules:wrong", failure, StringComparison.Ordinal));
        Assert.Contains("'card_paymnts_1h'", failures[0], StringComparison.Ordinal);
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Check(FraudOptions options) =>
        new FraudOptionsCheck().Validate(null, options);

    private static RuleSet Rules(params (string Code, RuleOptions Rule)[] rules) => new(Options(rules));

    private static FraudOptions Options(params (string Code, RuleOptions Rule)[] rules) =>
        new() { Rules = rules.ToDictionary(rule => rule.Code, rule => rule.Rule) };

    private static RuleOptions Rule(string feature, double threshold, double weight) =>
        new() { Feature = feature, Threshold = threshold, Weight = weight, Text = "{value} of {threshold}" };

    private static Dictionary<string, double?> Vector(params (string Name, double? Value)[] values) =>
        values.ToDictionary(value => value.Name, value => value.Value);
}
