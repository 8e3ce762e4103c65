using Ecom.Algorithms.Classification;

namespace Ecom.UnitTests.Algorithms.Classification;

public sealed class CalibrationTests
{
    [Fact]
    public void The_curve_that_made_the_labels_is_found()
    {
        var random = new Random(11);
        var margins = Enumerable.Range(0, 40_000).Select(_ => (random.NextDouble() * 8) - 4).ToArray();
        var truth = new PlattCalibration(0.6, -0.5);
        var labels = Array.ConvertAll(margins, margin => random.NextDouble() < truth.Probability(margin));

        var found = PlattCalibration.Fit(margins, labels);

        Assert.Equal(0.6, found.Slope, 0.03);
        Assert.Equal(-0.5, found.Intercept, 0.05);
        var probabilities = Array.ConvertAll(margins, found.Probability);
        Assert.InRange(BinaryMetrics.CalibrationError(margins, probabilities, labels, 1, 10), 0, 0.015);
    }

    [Fact]
    public void A_curve_that_would_turn_the_order_is_not_taken() =>
        Assert.Equal(
            PlattCalibration.None, PlattCalibration.Fit([1, 2, 3, 4, 5, 6], [true, true, false, true, false, false]));
}
