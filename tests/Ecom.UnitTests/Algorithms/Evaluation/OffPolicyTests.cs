using Ecom.Algorithms.Evaluation;

namespace Ecom.UnitTests.Algorithms.Evaluation;

public sealed class OffPolicyTests
{
    // Chance of a reward for each of four actions; the judged policy takes the last one.
    private static readonly double[] _rates = [0.02, 0.05, 0.10, 0.20];

    [Fact]
    public void A_small_log_gives_the_values_computed_by_hand()
    {
        // Weights 2, 0, 4: IPS (2·1 + 4·0) / 3, SNIPS 2 / 6, effective size 36 / 20.
        var found = OffPolicy.Estimate([new(1, 0.5, 1), new(1, 0.25, 0), new(0, 0.25, 1)]);

        Assert.Equal(2.0 / 3, found.Ips, 1e-12);
        Assert.Equal(1.0 / 3, found.Snips, 1e-12);
        Assert.Equal(1.8, found.EffectiveSize, 1e-12);
        Assert.Equal(2.0 / 3, found.Logged, 1e-12);
        Assert.Equal(2, found.Matched);
        Assert.Equal(2, found.MeanWeight, 1e-12);

        // Delta method: √(2²(1 - 1/3)² + 4²(1/3)²) / 6.
        Assert.Equal(Math.Sqrt((4 * 4.0 / 9) + (16.0 / 9)) / 6, found.StandardError, 1e-12);
    }

    [Fact]
    public void Every_estimator_finds_the_true_value_of_another_policy()
    {
        var random = new Random(3);
        var (ips, snips, robust, covered) = (0.0, 0.0, 0.0, 0);
        const int Runs = 200;
        for (var run = 0; run < Runs; run++)
        {
            var found = OffPolicy.Estimate(Log(random, [0.4, 0.3, 0.2, 0.1], 4_000, modelError: 0.03));
            ips += found.Ips / Runs;
            snips += found.Snips / Runs;
            robust += found.DoublyRobust / Runs;
            covered += Math.Abs(found.Snips - 0.20) < 1.96 * found.StandardError ? 1 : 0;
        }

        Assert.Equal(0.20, ips, 0.005);
        Assert.Equal(0.20, snips, 0.005);
        Assert.Equal(0.20, robust, 0.005);
        Assert.InRange(covered, 0.88 * Runs, Runs);
    }

    [Fact]
    public void A_good_reward_model_narrows_the_doubly_robust_estimate_and_a_wrong_one_does_not_bend_it()
    {
        var random = new Random(5);
        double Spread(double modelError, Func<OffPolicyEstimate, double> of)
        {
            var values = Enumerable.Range(0, 200)
                .Select(_ => of(OffPolicy.Estimate(Log(random, [0.7, 0.2, 0.05, 0.05], 1_000, modelError))))
                .ToArray();
            Assert.Equal(0.20, values.Average(), 0.02);
            return Math.Sqrt(values.Average(value => (value - values.Average()) * (value - values.Average())));
        }

        Assert.True(Spread(0, found => found.DoublyRobust) < 0.95 * Spread(0, found => found.Ips));
        Spread(0.5, found => found.DoublyRobust);
    }

    [Fact]
    public void A_log_without_the_judged_decisions_has_no_effective_size()
    {
        var found = OffPolicy.Estimate([new(1, 1, 0), new(0, 1, 0)]);

        Assert.Equal(0, found.EffectiveSize);
        Assert.Equal(0, found.Matched);
        Assert.Equal(0, found.Snips);
    }

    [Fact]
    public void Large_weights_are_cut()
    {
        var found = OffPolicy.Estimate([new(1, 0.001, 1), new(0, 1, 1)], largestWeight: 10);

        Assert.Equal(5, found.Ips);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.1, 1)]
    [InlineData(0.5, 1.1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, double.NaN)]
    public void Numbers_that_are_no_probabilities_are_refused(double logged, double target) =>
        Assert.Throws<ArgumentException>(() => OffPolicy.Estimate([new(0, logged, target)]));

    private static LoggedDecision[] Log(Random random, double[] logging, int count, double modelError)
    {
        var log = new LoggedDecision[count];
        for (var index = 0; index < count; index++)
        {
            var draw = random.NextDouble();
            var action = 0;
            while (action < logging.Length - 1 && draw >= logging[action])
            {
                draw -= logging[action++];
            }

            var reward = random.NextDouble() < _rates[action] ? 1.0 : 0.0;
            log[index] = new LoggedDecision(
                reward,
                logging[action],
                action == 3 ? 1 : 0,
                _rates[action] + modelError,
                _rates[3] + modelError);
        }

        return log;
    }
}
