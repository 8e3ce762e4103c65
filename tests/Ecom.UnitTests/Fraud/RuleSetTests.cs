using Ecom.Contracts.Fraud;
using Ecom.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Microsoft.Extensions.Configuration;

namespace Ecom.UnitTests.Fraud;

public sealed class RuleSetTests
{
    [Fact]
    public void The_score_joins_the_weights_and_reasons_come_weightiest_first()
    {
        var rules = Rules(
            ("light", Rule("amount >= 10", 0.2)), ("heavy", Rule("card_payments_1h >= 2", 0.5)),
            ("other", Rule("amount >= 1000", 0.9)));

        var verdict = rules.Judge(Facts(("amount", 10), ("card_payments_1h", 3)));

        Assert.Equal(1 - (0.5 * 0.8), verdict.Score, 12);
        Assert.Equal(["heavy", "light"], verdict.Reasons.Select(reason => reason.Code));
        Assert.Equal("3 of 2", verdict.Reasons[0].Text);
        Assert.Equal((3, 2), (verdict.Reasons[0].Value, verdict.Reasons[0].Threshold));
        Assert.Equal(FraudDecision.Review, verdict.Decision);
    }

    [Theory]
    [InlineData(0.49, "Score", FraudDecision.Allow)]
    [InlineData(0.5, "Score", FraudDecision.Review)]
    [InlineData(0.9, "Score", FraudDecision.Block)]
    [InlineData(0.1, "Review", FraudDecision.Review)]
    [InlineData(0.95, "Review", FraudDecision.Block)]
    [InlineData(0, "Block", FraudDecision.Block)]
    [InlineData(0.95, "Allow", FraudDecision.Allow)]
    public void The_stricter_of_score_and_action_decides_and_allow_beats_both(
        double weight, string action, FraudDecision expected) =>
        Assert.Equal(
            expected,
            Rules(("x", Rule("amount >= 1", weight, action))).Judge(Facts(("amount", 1))).Decision);

    [Fact]
    public void Allow_goes_before_block_and_block_before_review()
    {
        var (review, block, allow) = (
            ("review", Rule("amount >= 1", 0, "Review")), ("block", Rule("amount >= 1", 0, "Block")),
            ("allow", Rule("amount >= 1", 0, "Allow")));
        var facts = Facts(("amount", 1));

        Assert.Equal(FraudDecision.Block, Rules(review, block).Judge(facts).Decision);
        var allowed = Rules(review, block, allow).Judge(facts);
        Assert.Equal(FraudDecision.Allow, allowed.Decision);
        Assert.Equal("allow", allowed.Reasons[0].Code);
    }

    [Fact]
    public void A_sentence_can_name_features_and_a_rule_without_numbers_says_one_of_one()
    {
        var rule = Rule("card_country in (\"NG\")", 0.5) with
        {
            Text = "{card_country} at {ip_country}, {amount} of {value}/{threshold}",
        };

        var reason = Assert.Single(Rules(("x", rule)).Judge(new PaymentFacts
        {
            Vector = new Dictionary<string, double?> { ["amount"] = 7.25 },
            Texts = new Dictionary<string, string> { ["card_country"] = "NG" },
        }).Reasons);

        Assert.Equal("NG at unknown, 7.25 of 1/1", reason.Text);
        Assert.Equal((1, 1), (reason.Value, reason.Threshold));
    }

    [Fact]
    public void A_zero_without_sign_is_what_reasons_say_since_storage_knows_no_other()
    {
        var reason = Assert.Single(Rules(("x", Rule("amount <= -0.0", 0.5))).Judge(Facts(("amount", -0.0))).Reasons);

        Assert.False(double.IsNegative(reason.Value));
        Assert.False(double.IsNegative(reason.Threshold));
    }

    [Fact]
    public void A_list_is_what_it_was_when_the_payment_was_decided()
    {
        var rules = Rules(("x", Rule("card in list(\"stolen\") and device not in list(\"stolen\")", 0.5)));
        var facts = new PaymentFacts
        {
            Vector = new Dictionary<string, double?>(),
            Texts = new Dictionary<string, string> { ["card"] = "c1", ["device"] = "d1" },
        };

        Assert.Empty(rules.Judge(facts).Reasons);
        Assert.Single(rules.Judge(facts with { Listed = [new ListHit("stolen", "c1")] }).Reasons);
        Assert.Empty(rules.Judge(facts with { Listed = [new("stolen", "c1"), new("stolen", "d1")] }).Reasons);
    }

    [Fact]
    public void A_stored_set_judges_bit_by_bit_as_the_one_that_decided()
    {
        var rules = Rules(DefaultRules.Make().Select(rule => (rule.Key, rule.Value.ToDefinition())).ToArray());
        var again = RuleSet.OfJson(rules.Json)!;

        Assert.Equal(rules.Version, again.Version);
        foreach (var facts in RandomFacts(500))
        {
            var (one, other) = (rules.Judge(facts), again.Judge(facts));
            Assert.Equal(BitConverter.DoubleToInt64Bits(one.Score), BitConverter.DoubleToInt64Bits(other.Score));
            Assert.Equal(one.Reasons, other.Reasons);
            Assert.Equal(one.Decision, other.Decision);
        }
    }

    [Fact]
    public void The_default_rules_judge_as_they_did_when_they_were_thresholds()
    {
        var rules = Rules(DefaultRules.Make().Select(rule => (rule.Key, rule.Value.ToDefinition())).ToArray());
        var held = 0;
        foreach (var facts in RandomFacts(5_000))
        {
            var verdict = rules.Judge(facts);
            var expected = ThresholdRules.Judge(facts.Vector);
            Assert.Equal(expected.Decision, verdict.Decision);
            Assert.Equal(
                BitConverter.DoubleToInt64Bits(expected.Score), BitConverter.DoubleToInt64Bits(verdict.Score));
            Assert.Equal(expected.Reasons, verdict.Reasons);
            held += verdict.Reasons.Count;
        }

        Assert.True(held > 5_000, $"Only {held} rules held.");
    }

    [Fact]
    public void The_default_rules_are_valid_and_configuration_changes_one_condition()
    {
        var options = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Rules:device_ring:When"] = "device_customers_7d_with_this >= 4",
            ["Rules:mine:When"] = "amount > 1",
            ["Rules:mine:Weight"] = "0.1",
            ["Rules:mine:Text"] = "Much.",
        }).Build().Get<FraudOptions>()!;

        Assert.True(Check(options).Succeeded);
        Assert.Equal(0.6, options.Rules["device_ring"].Weight);
        Assert.Equal("device_customers_7d_with_this >= 4", options.Rules["device_ring"].When);
        Assert.Equal(DefaultRules.Make().Count + 1, options.Rules.Count);
    }

    [Fact]
    public void A_rule_that_could_not_work_is_named_with_the_place()
    {
        var rule = new RuleOptions { When = "amount > 1 and card_paymnts_1h > 1", Weight = 1.5, Text = " " };

        var failures = Check(new FraudOptions { Rules = new() { ["wrong"] = rule } }).Failures!.ToArray();

        Assert.Equal(3, failures.Length);
        Assert.All(failures, failure => Assert.Contains("Fraud:Rules:wrong", failure, StringComparison.Ordinal));
        Assert.Contains(
            "1:16: There is no feature 'card_paymnts_1h'. Did you mean 'card_payments_1h'?", failures[0],
            StringComparison.Ordinal);
    }

    private static Microsoft.Extensions.Options.ValidateOptionsResult Check(FraudOptions options) =>
        new FraudOptionsCheck().Validate(null, options);

    private static IEnumerable<PaymentFacts> RandomFacts(int count)
    {
        var random = new Random(11);
        for (var i = 0; i < count; i++)
        {
            yield return new PaymentFacts
            {
                Vector = PaymentVector.Names.ToDictionary(
                    name => name,
                    name => random.Next(8) == 0 ? null
                        : name.Contains("mean_amount", StringComparison.Ordinal) ? random.Next(2_000)
                        : name.Contains("differs", StringComparison.Ordinal) ? random.Next(2)
                        : (double?)random.Next(9)),
            };
        }
    }

    private static RuleSet Rules(params (string Code, RuleDefinition Rule)[] rules) => new(new RuleSetContent
    {
        Features = "test",
        ReviewAt = 0.5,
        BlockAt = 0.9,
        Rules = [.. rules.Select(rule => new NamedRule { Code = rule.Code, Version = 1, Rule = rule.Rule })],
    });

    private static RuleDefinition Rule(string when, double weight, string action = "Score") => new()
    {
        When = when,
        Weight = weight,
        Action = Enum.Parse<RuleAction>(action),
        Text = "{value} of {threshold}",
    };

    private static PaymentFacts Facts(params (string Name, double? Value)[] values) =>
        new() { Vector = values.ToDictionary(value => value.Name, value => value.Value) };
}
