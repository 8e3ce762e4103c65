using Ecom.Contracts.Fraud;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Scoring;
using Ecom.Testing;

namespace Ecom.UnitTests.Fraud;

public sealed class JudgementTests
{
    private const long Amount = 20_000;
    private static readonly CostPolicy _policy = new CostOptions().ToPolicy(0);

    private static readonly ServedModel _model = new(3, PlantedFraudModel.Make(
        10_000, above: 0.99, below: 0.001, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData(FraudDecision.Allow, false, FraudDecision.Block, "model:amount", "rule")]
    [InlineData(FraudDecision.Block, false, FraudDecision.Block, "rule", "model:amount")]
    [InlineData(FraudDecision.Allow, true, FraudDecision.Allow, "rule", null)]
    public void The_harder_one_decides_and_speaks_first_and_a_rule_that_allows_silences_the_model(
        FraudDecision byRules, bool isCleared, FraudDecision expected, string first, string? second)
    {
        var verdict = Judgement.Of(ByRules(byRules, 0.4, isCleared), Ask(Amount));

        Assert.Equal(expected, verdict.Decision);
        Assert.Equal(new[] { first, second }.OfType<string>(), verdict.Reasons.Select(reason => reason.Code));
        Assert.Equal(isCleared ? 0.4 : 0.99, verdict.Score, 9);
        Assert.Equal(expected, Judgement.DecisionOf(ByRules(byRules, 0.4, isCleared), Ask(Amount).Opinion));
    }

    [Fact]
    public void A_model_that_lets_pass_gives_no_reason_and_takes_none_away()
    {
        var verdict = Judgement.Of(ByRules(FraudDecision.Review, 0.6), Ask(5_000));

        Assert.Equal((FraudDecision.Review, 0.6), (verdict.Decision, verdict.Score));
        Assert.Equal("rule", Assert.Single(verdict.Reasons).Code);
    }

    [Fact]
    public void Without_a_model_rules_decide()
    {
        var byRules = ByRules(FraudDecision.Review, 0.6);

        Assert.Same(byRules, Judgement.Of(byRules, null));
        Assert.Equal(FraudDecision.Review, Judgement.DecisionOf(byRules, null));
    }

    [Fact]
    public void A_reason_says_what_is_usual_and_adds_up_to_the_log_odds()
    {
        var asked = Ask(Amount);
        var reason = Assert.Single(asked.Reasons());

        Assert.Equal("amount: 20000, usually 4999.", reason.Text);
        Assert.Equal((20_000, 4_999), (reason.Value, reason.Threshold));
        var logOdds = Math.Log(asked.Opinion.Score / (1 - asked.Opinion.Score));
        Assert.Equal(logOdds - Math.Log(0.001 / 0.999), reason.Contribution!.Value, 9);
    }

    [Fact]
    public void What_the_vector_lacks_is_missing()
    {
        var asked = _model.Assess(new Dictionary<string, double?>(), _policy, Amount);

        Assert.Equal(_model.Model.Score([float.NaN, float.NaN, float.NaN]), asked.Opinion.Score);
        Assert.Equal([float.NaN, 2, float.NaN], _model.RowOf(new Dictionary<string, double?>
        {
            ["customer_payments_1d"] = 2,
            ["amount"] = null,
            ["of_a_later_release"] = 7,
        }));
    }

    [Fact]
    public void Spans_of_time_are_shown_in_their_own_unit()
    {
        Assert.Equal("2 days", ModelReasons.Shown("customer_since_payment_365d", 172_800));
        Assert.Equal("1.5 hours", ModelReasons.Shown("customer_since_payment_365d", 5_400));
        Assert.Equal("0.5 minutes", ModelReasons.Shown("customer_since_payment_365d", 30));
        Assert.Equal("unknown", ModelReasons.Shown("customer_since_payment_365d", double.NaN));
        Assert.Equal("172800", ModelReasons.Shown("amount", 172_800));
    }

    private static Assessment Ask(long amount) =>
        _model.Assess(new Dictionary<string, double?> { ["amount"] = amount }, _policy, amount);

    private static Verdict ByRules(FraudDecision decision, double score, bool isCleared = false) =>
        new(decision, score, [new FraudReason { Code = "rule", Text = "A rule.", Value = 1, Threshold = 1 }])
        {
            IsCleared = isCleared,
        };
}
