using Ecom.Algorithms.Evaluation;

namespace Ecom.UnitTests.Algorithms.Evaluation;

public sealed class SequentialTestTests
{
    private const double Alpha = 0.05;

    [Fact]
    public void The_radius_is_that_of_the_published_formula()
    {
        // Theorem 2.2 by hand: n = 1,000, rho tuned to 1,000 at 0.05, variance 1: rho² = (5.9915 + ln 6.9915) / 1,000.
        var rho2 = (5.991464547 + Math.Log(6.991464547)) / 1_000;
        var expected = Math.Sqrt(
            2 * ((1_000 * rho2) + 1) / (1_000_000 * rho2) * Math.Log(Math.Sqrt((1_000 * rho2) + 1) / Alpha));

        var interval = SequentialTest.OfMean(new ArmSample(1_000, 0.2, 1), Alpha, planned: 1_000);

        Assert.Equal(expected, interval.High - interval.Mean, 1e-9);
        Assert.Equal(expected, interval.Mean - interval.Low, 1e-9);

        // A fixed-size interval has 1.96 / √n: looking at all times costs about half as much again.
        Assert.InRange(expected / (1.96 / Math.Sqrt(1_000)), 1.3, 1.7);
    }

    [Fact]
    public void P_value_and_interval_say_the_same()
    {
        for (var effect = 0.0; effect < 0.2; effect += 0.002)
        {
            var found = SequentialTest.OfDifference(
                new ArmSample(4_000, 0.1, 0.3), new ArmSample(5_000, 0.1 + effect, 0.4), Alpha, planned: 10_000);
            Assert.Equal(found.PValue < Alpha, found.IsDecided);
        }
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void Without_a_difference_peeking_all_the_time_finds_one_in_at_most_five_percent(double rate)
    {
        var random = new Random(7);
        var found = 0;
        const int Runs = 1_000;
        for (var run = 0; run < Runs; run++)
        {
            found += Peek(random, rate, rate, visitors: 5_000) is not null ? 1 : 0;
        }

        // Nominal at most 5 % over all time; the fixed-size test finds one in over a third of such runs.
        Assert.InRange(found, 0, Runs * Alpha);
    }

    [Fact]
    public void The_ordinary_test_would_be_fooled_by_the_same_peeking()
    {
        var random = new Random(7);
        var found = 0;
        for (var run = 0; run < 300; run++)
        {
            found += Peek(random, 0.3, 0.3, visitors: 5_000, fixedSize: true) is not null ? 1 : 0;
        }

        Assert.True(found > 60, $"{found} of 300");
    }

    [Fact]
    public void A_planted_effect_is_found_with_its_sign_and_its_size_within_the_interval()
    {
        var random = new Random(11);
        var (found, covered) = (0, 0);
        for (var run = 0; run < 200; run++)
        {
            if (Peek(random, 0.10, 0.13, visitors: 40_000) is { } end)
            {
                Assert.True(end.Difference > 0);
                found++;
                covered += end.Low <= 0.03 && 0.03 <= end.High ? 1 : 0;
            }
        }

        Assert.InRange(found, 190, 200);
        Assert.True(covered >= 0.95 * found, $"{covered} of {found}");
    }

    [Fact]
    public void Too_few_units_give_no_interval()
    {
        var found = SequentialTest.OfDifference(
            new ArmSample(99, 0, 0.1), new ArmSample(500, 1, 0.1), Alpha, planned: 1_000);

        Assert.False(found.IsDecided);
        Assert.Equal(double.NegativeInfinity, found.Low);
        Assert.Equal(1, found.PValue);
    }

    [Fact]
    public void Sums_give_mean_and_unbiased_variance()
    {
        var sample = ArmSample.Of(4, 10, 30);

        Assert.Equal(2.5, sample.Mean);
        Assert.Equal(5.0 / 3, sample.Variance, 1e-12);
        Assert.Equal(0, ArmSample.Of(1, 3, 9).Variance);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(0.05, 0)]
    [InlineData(double.NaN, 100)]
    public void Arguments_out_of_range_are_refused(double alpha, double planned) =>
        Assert.ThrowsAny<ArgumentException>(() => SequentialTest.OfMean(new ArmSample(200, 0, 1), alpha, planned));

    // Looks after every tenth visitor; null when it never decides.
    private static SequentialDifference? Peek(
        Random random, double control, double treatment, int visitors, bool fixedSize = false)
    {
        Span<long> counts = [0, 0];
        Span<double> sums = [0, 0];
        for (var visitor = 0; visitor < visitors; visitor++)
        {
            var arm = random.Next(2);
            counts[arm]++;
            sums[arm] += random.NextDouble() < (arm == 0 ? control : treatment) ? 1 : 0;
            if (visitor % 10 != 0)
            {
                continue;
            }

            var first = ArmSample.Of(counts[0], sums[0], sums[0]);
            var second = ArmSample.Of(counts[1], sums[1], sums[1]);
            var now = SequentialTest.OfDifference(first, second, Alpha, planned: 5_000);
            if (fixedSize)
            {
                var error = Math.Sqrt((first.Variance / first.Count) + (second.Variance / second.Count));
                if (Math.Min(counts[0], counts[1]) >= SequentialTest.FewestUnits
                    && Math.Abs(now.Difference) > 1.96 * error)
                {
                    return now;
                }
            }
            else if (now.IsDecided)
            {
                return now;
            }
        }

        return null;
    }
}
