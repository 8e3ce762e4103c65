using System.Text.Json;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Scoring;

namespace Ecom.UnitTests.Fraud;

public sealed class CostPolicyTests
{
    private static readonly CostPolicy _policy = new CostOptions().ToPolicy(0);

    // Of 10,000: a fraud that passes costs 11,500, a refused genuine payment 5,000, a look 300 and a tenth of frauds.
    [Theory]
    [InlineData(0.00, FraudDecision.Allow)]
    [InlineData(0.02, FraudDecision.Allow)] // 230 < 300 + 23
    [InlineData(0.04, FraudDecision.Review)] // 460 > 300 + 46
    [InlineData(0.30, FraudDecision.Review)] // min(3,450, 3,500) > 300 + 345
    [InlineData(0.75, FraudDecision.Review)] // 1,250 > 300 + 862.5
    [InlineData(0.80, FraudDecision.Block)] // 1,000 < 300 + 920
    [InlineData(1.00, FraudDecision.Block)]
    public void The_cheapest_way_is_taken(double score, FraudDecision expected) =>
        Assert.Equal(expected, _policy.Decide(score, 10_000));

    [Fact]
    public void No_other_decision_is_cheaper_and_more_suspicion_never_lets_more_pass()
    {
        foreach (var amount in new[] { 0L, 1, 999, 25_000, 10_000_000 })
        {
            var last = FraudDecision.Allow;
            for (var score = 0.0; score <= 1; score += 0.001)
            {
                var (loss, insult) = (amount + 1_500.0, (0.3 * amount) + 2_000);
                var costs = new Dictionary<FraudDecision, double>
                {
                    [FraudDecision.Allow] = score * loss,
                    [FraudDecision.Review] = 300 + (0.1 * score * loss),
                    [FraudDecision.Block] = (1 - score) * insult,
                };
                var decision = _policy.Decide(score, amount);

                Assert.Equal(costs.Values.Min(), costs[decision], 9);
                Assert.True(decision >= last);
                last = decision;
            }
        }
    }

    [Fact]
    public void A_look_must_gain_more_than_its_price()
    {
        var gain = _policy.ReviewGain(0.1, 10_000);

        Assert.Equal(1_150 - 300 - 115, gain, 9);
        Assert.Equal(FraudDecision.Review, (_policy with { ReviewPrice = gain - 1 }).Decide(0.1, 10_000));
        Assert.Equal(FraudDecision.Allow, (_policy with { ReviewPrice = gain + 1 }).Decide(0.1, 10_000));
        Assert.Equal(FraudDecision.Block, (_policy with { ReviewPrice = 1e9 }).Decide(0.6, 10_000));
    }

    [Fact]
    public void Written_and_read_again_it_is_the_same_version_and_any_number_changes_it()
    {
        var policy = _policy with { ReviewPrice = 123.45678901234567 };

        Assert.Equal(policy, JsonSerializer.Deserialize<CostPolicy>(JsonSerializer.Serialize(policy)));
        Assert.Equal(policy.Version, (policy with { }).Version);
        Assert.NotEqual(policy.Version, _policy.Version);
    }

    [Theory]
    [InlineData(0, 9)]
    [InlineData(2, 5)]
    [InlineData(4, 0)]
    [InlineData(100, 0)]
    public void The_price_of_a_look_leaves_as_many_as_there_are(long looks, double expected)
    {
        double[] gains = [3, -1, 9, 5, 7, -20];

        var price = ReviewBudget.PriceOf(gains, looks);

        Assert.Equal(expected, price);
        Assert.Equal(Math.Min(looks, 4), gains.Count(gain => gain > price));
    }

    [Fact]
    public void Of_equal_gains_none_goes_beyond_the_budget() =>
        Assert.Equal(0, Enumerable.Repeat(5.0, 10).Count(gain => gain > ReviewBudget.PriceOf(
            Enumerable.Repeat(5.0, 10), 3)));
}
