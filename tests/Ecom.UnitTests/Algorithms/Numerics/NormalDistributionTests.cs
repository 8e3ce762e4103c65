using CsCheck;
using Ecom.Algorithms.Numerics;

namespace Ecom.UnitTests.Algorithms.Numerics;

public sealed class NormalDistributionTests
{
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.9, 1.2815515655446004)]
    [InlineData(0.95, 1.6448536269514722)]
    [InlineData(0.975, 1.9599639845400545)]
    [InlineData(0.99, 2.3263478740408408)]
    [InlineData(0.999, 3.090232306167813)]
    [InlineData(1e-6, -4.753424308822899)]
    public void Quantiles_are_the_tabulated_ones(double probability, double expected) =>
        Assert.Equal(expected, NormalDistribution.Quantile(probability), 1e-12);

    [Theory]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-2, 0.02275013194817921)]
    [InlineData(3, 0.9986501019683699)]
    [InlineData(-6.5, 4.0160005838590e-11)]
    [InlineData(-10, 7.61985302416e-24)]
    public void Probabilities_are_the_tabulated_ones(double x, double expected) =>
        Assert.Equal(1, NormalDistribution.Cumulative(x) / expected, 1e-10);

    [Fact]
    public void Quantile_and_probability_are_inverse_everywhere() =>
        Gen.Double[1e-12, 1 - 1e-12].Sample(p =>
        {
            var back = NormalDistribution.Cumulative(NormalDistribution.Quantile(p));
            Assert.Equal(p, back, 1e-14);
        });

    [Fact]
    public void Loss_is_the_integral_of_the_tail()
    {
        var sum = 0.0;
        for (var x = 0.7; x < 9; x += 1e-3)
        {
            sum += 1e-3 * (1 - NormalDistribution.Cumulative(x + 5e-4));
        }

        Assert.Equal(sum, NormalDistribution.Loss(0.7), 1e-7);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_probability_that_no_value_has_is_refused(double p) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalDistribution.Quantile(p));
}
