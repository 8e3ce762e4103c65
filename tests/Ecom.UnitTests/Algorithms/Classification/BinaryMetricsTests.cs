using CsCheck;
using Ecom.Algorithms.Classification;

namespace Ecom.UnitTests.Algorithms.Classification;

public sealed class BinaryMetricsTests
{
    private static readonly double[] _scores = [0.1, 0.4, 0.35, 0.8];
    private static readonly bool[] _labels = [false, false, true, true];

    private static readonly Gen<(int, bool)[]> _rows = Gen.Select(Gen.Int[0, 9], Gen.Bool).Array[2, 60]
        .Where(rows => rows.DistinctBy(row => row.Item2).Count() == 2);

    // The example of scikit-learn's documentation of both.
    [Fact]
    public void The_documented_example_gives_its_area_and_precision()
    {
        Assert.Equal(0.75, BinaryMetrics.Auc(_scores, _labels), 12);
        Assert.Equal(0.8333333333, BinaryMetrics.AveragePrecision(_scores, _labels), 9);
    }

    [Fact]
    public void The_area_is_the_share_of_pairs_in_the_right_order() =>
        _rows.Sample(rows =>
        {
            var scores = rows.Select(row => (double)row.Item1).ToArray();
            var labels = rows.Select(row => row.Item2).ToArray();
            var pairs = rows.Where(row => row.Item2)
                .SelectMany(yes => rows.Where(row => !row.Item2).Select(no => (yes.Item1, no.Item1))).ToArray();
            var right = pairs.Average(pair => pair.Item1 > pair.Item2 ? 1 : pair.Item1 == pair.Item2 ? 0.5 : 0);
            Assert.Equal(right, BinaryMetrics.Auc(scores, labels), 10);
        });

    [Fact]
    public void Equal_scores_are_one_threshold()
    {
        Assert.Equal(0.5, BinaryMetrics.Auc([1, 1, 1, 1], _labels));
        Assert.Equal(0.5, BinaryMetrics.AveragePrecision([1, 1, 1, 1], _labels));
    }

    [Fact]
    public void Log_loss_and_brier_are_those_worked_out_by_hand()
    {
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.2)) / 2, BinaryMetrics.LogLoss([0.9, 0.8], [true, false]), 12);
        Assert.Equal((0.01 + 0.64) / 2, BinaryMetrics.Brier([0.9, 0.8], [true, false]), 12);
    }

    [Fact]
    public void Calibration_looks_at_the_highest_scores_in_bins_of_equal_mass()
    {
        double[] scores = [.. Enumerable.Range(0, 100)];
        bool[] labels = [.. scores.Select(score => score >= 80)];
        double[] truth = [.. scores.Select(score => score >= 80 ? 1.0 : 0)];
        double[] constant = [.. scores.Select(_ => 0.2)];

        Assert.Equal(0, BinaryMetrics.CalibrationError(scores, truth, labels, 0.4, 10), 12);
        Assert.Equal(0.8, BinaryMetrics.CalibrationError(scores, constant, labels, 0.2, 10), 12);
        Assert.Equal(0.5, BinaryMetrics.CalibrationError(scores, constant, labels, 0.4, 4), 12);
    }
}
