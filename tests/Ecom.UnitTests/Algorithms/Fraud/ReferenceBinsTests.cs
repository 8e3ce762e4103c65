using Ecom.Algorithms.Fraud;

namespace Ecom.UnitTests.Algorithms.Fraud;

public sealed class ReferenceBinsTests
{
    [Fact]
    public void The_index_is_the_one_worked_out_by_hand()
    {
        // Reference 10 % missing, 40 %, 50 %; live 20 %, 40 %, 40 %:
        // 0.1 ln 2 + 0 + (-0.1) ln 0.8 = 0.0693147 + 0.0223144.
        var bins = new ReferenceBins([5], [0.1, 0.4, 0.5]);

        Assert.Equal(0.0916291, bins.Psi([20, 40, 40]), 6);
        Assert.Equal(0, bins.Psi([10, 40, 50]), 12);
    }

    [Fact]
    public void An_empty_bin_counts_as_one_in_ten_thousand()
    {
        // (0.5 - 0.0001) ln 5000 + (0.5 - 1) ln 0.5.
        var bins = new ReferenceBins([5], [0, 0.5, 0.5]);

        Assert.Equal((0.4999 * Math.Log(5_000)) + (0.5 * Math.Log(2)), bins.Psi([0, 0, 9]), 9);
        Assert.True(double.IsNaN(bins.Psi([0, 0, 0])));
    }

    [Fact]
    public void Bins_part_distinct_values_evenly()
    {
        var bins = ReferenceBins.Of(Enumerable.Range(1, 100).Select(value => (double)value).ToArray());

        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 80, 90], bins.Edges.ToArray());
        Assert.Equal([0, .. Enumerable.Repeat(0.1, 10)], bins.Shares.ToArray());
        Assert.Equal((1, 2, 10), (bins.BinOf(10), bins.BinOf(10.5), bins.BinOf(1_000)));
    }

    [Fact]
    public void Equal_values_share_a_bin_and_missing_ones_have_their_own()
    {
        var bins = ReferenceBins.Of([0, 0, 0, 0, 0, 0, 0, 0, double.NaN, 3], bins: 4);

        Assert.Equal([0], bins.Edges.ToArray());
        Assert.Equal([0.1, 0.8, 0.1], bins.Shares.ToArray());
        Assert.Equal((0, 1, 2), (bins.BinOf(double.NaN), bins.BinOf(0), bins.BinOf(1)));
    }

    [Fact]
    public void Values_that_are_all_missing_have_bins_too()
    {
        var bins = ReferenceBins.Of([double.NaN, double.NaN]);

        Assert.Equal([1, 0], bins.Shares.ToArray());
        Assert.True(bins.Psi([0, 10]) > 1);
    }

    [Fact]
    public void Edges_and_shares_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ReferenceBins([1, 1], [0, 0, 0.5, 0.5]));
        Assert.Throws<ArgumentException>(() => new ReferenceBins([1], [0, 1]));
        Assert.Throws<ArgumentException>(() => new ReferenceBins([1], [0, double.NaN, 1]));
    }
}
