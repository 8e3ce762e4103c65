using Ecom.Algorithms.Evaluation;

namespace Ecom.UnitTests.Algorithms.Evaluation;

public sealed class SampleRatioTests
{
    [Theory]
    [InlineData(821_588, 815_482, 1.8e-6)]
    [InlineData(500, 500, 1.0)]
    [InlineData(60, 40, 0.0455)]
    public void Two_equal_arms_give_the_published_probability(long first, long second, double expected)
    {
        // First row: Kohavi, Tang, Xu, "Trustworthy Online Controlled Experiments", chapter 3: p = 1.8E-6.
        var found = SampleRatio.PValue([first, second], [1, 1]);

        Assert.Equal(1, found / expected, 0.02);
    }

    [Fact]
    public void Three_arms_with_unequal_shares_follow_the_chi_square_table()
    {
        // Statistic 5.9915 with 2 degrees of freedom is the 5 % point of every table: 300 + d, 300 - d of 600, 400.
        var shift = Math.Sqrt(5.991464547 * 300 * 1_000 / 2);
        var found = SampleRatio.PValue(
            [300_000 + (long)Math.Round(shift), 300_000 - (long)Math.Round(shift), 400_000], [3, 3, 4]);

        Assert.Equal(0.05, found, 0.001);
    }

    [Fact]
    public void Nothing_to_compare_is_no_mismatch()
    {
        Assert.Equal(1, SampleRatio.PValue([5], [1]));
        Assert.Equal(1, SampleRatio.PValue([0, 0], [1, 1]));
    }

    [Fact]
    public void Wrong_shares_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SampleRatio.PValue([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => SampleRatio.PValue([1, 2], [1, 0]));
        Assert.Throws<ArgumentException>(() => SampleRatio.PValue([1, 2], [1, double.NaN]));
    }
}
