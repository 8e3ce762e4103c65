using Ecom.Algorithms.Classification;

namespace Ecom.UnitTests.Algorithms.Classification;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void Planted_weights_are_found_whatever_the_scales()
    {
        var random = new Random(7);
        const int Rows = 40_000;
        var (rows, labels) = (new float[2 * Rows], new bool[Rows]);
        for (var row = 0; row < Rows; row++)
        {
            var (near, far) = (random.NextSingle() * 4, 1_000 * random.NextSingle());
            (rows[2 * row], rows[(2 * row) + 1]) = (near, far);
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-(-1 + (0.8 * near) - (0.004 * far))));
        }

        var model = LogisticRegression.Fit(rows, 2, labels);

        Assert.Equal(0.8, model.Weights[0], 0.05);
        Assert.Equal(-0.004, model.Weights[1], 0.0003);
        Assert.Equal(-1, model.Margin([0, 0]), 0.08);
    }

    [Fact]
    public void At_the_minimum_the_gradient_with_its_penalty_vanishes()
    {
        // One feature, already standardised: Σ (p − y) x + λ w = 0.
        float[] rows = [-1, -1, 1, 1];
        bool[] labels = [false, true, true, true];

        var model = LogisticRegression.Fit(rows, 1, labels, penalty: 2);

        var gradient = Enumerable.Range(0, 4)
            .Sum(at => (Probability(model.Margin([rows[at]])) - (labels[at] ? 1 : 0)) * rows[at]);
        Assert.Equal(0, gradient + (2 * model.Weights[0]), 8);

        static double Probability(double margin) => 1 / (1 + Math.Exp(-margin));
    }

    [Fact]
    public void A_constant_feature_and_classes_that_part_cleanly_do_no_harm()
    {
        var model = LogisticRegression.Fit([1, 5, 2, 5, 3, 5, 4, 5], 2, [false, false, true, true]);

        Assert.Equal(0, model.Weights[1]);
        Assert.True(model.Margin([4, 5]) > 0 && model.Margin([1, 5]) < 0);
    }

    [Fact]
    public void One_class_alone_is_refused() =>
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit([1, 2], 1, [true, true]));
}
