using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;

namespace Ecom.UnitTests.Fraud;

public sealed class BacktestTests
{
    private static readonly RuleSet _ofThen = new(new RuleSetContent
    {
        Features = "test",
        ReviewAt = 0.5,
        BlockAt = 0.9,
        Rules = [Named("big", 1, "amount >= 100", RuleAction.Block), Named("odd", 1, "amount == 7", RuleAction.Review)],
    });

    [Fact]
    public void A_version_takes_the_place_of_its_code_in_the_rules_of_then()
    {
        var test = new Backtest(Named("big", 2, "amount >= 1000", RuleAction.Block));

        test.Add(Payment("a", 150, FraudDecision.Block, fraudNow: false), _ofThen);
        test.Add(Payment("b", 1_500, FraudDecision.Block, fraudThen: true, fraudNow: true), _ofThen);
        test.Add(Payment("c", 7, FraudDecision.Review), _ofThen);

        var result = test.ToResult();
        Assert.Equal((3, 1, 1_500), (result.Payments, result.Held, result.HeldAmount));
        Assert.Equal(new LabelCounts { Frauds = 1, Caught = 1 }, result.KnownThen);
        Assert.Equal(new LabelCounts { Frauds = 1, Caught = 1 }, result.KnownNow);
        var change = Assert.Single(result.Changes);
        Assert.Equal((FraudDecision.Block, FraudDecision.Allow), (change.From, change.To));
        Assert.Equal((1, 0, 150), (change.Payments, change.Frauds, change.Amount));
        Assert.Equal([("a", false), ("b", true)], result.Samples.Select(sample => (sample.PaymentId, sample.Held)));
    }

    [Fact]
    public void Payments_whose_rules_were_not_kept_are_held_but_change_nothing()
    {
        var test = new Backtest(Named("big", 2, "amount >= 10", RuleAction.Block));

        test.Add(Payment("a", 50, FraudDecision.Allow), null);

        var result = test.ToResult();
        Assert.Equal((1, 1), (result.Held, result.WithoutRules));
        Assert.Empty(result.Changes);
        Assert.Null(Assert.Single(result.Samples).WouldBe);
        Assert.Equal(1, result.KnownNow.Unlabelled);
    }

    private static NamedRule Named(string code, int version, string when, RuleAction action) => new()
    {
        Code = code,
        Version = version,
        Rule = new RuleDefinition { When = when, Weight = 0.1, Action = action, Text = "{value}" },
    };

    private static PastPayment Payment(
        string id, long amount, FraudDecision decision, bool? fraudThen = null, bool? fraudNow = null) => new()
        {
            PaymentId = id,
            AttemptedAt = DateTimeOffset.UnixEpoch,
            BaseAmount = amount,
            Facts = new PaymentFacts { Vector = new Dictionary<string, double?> { ["amount"] = amount } },
            Decision = decision,
            FraudThen = fraudThen,
            FraudNow = fraudNow,
        };
}
