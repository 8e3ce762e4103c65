using Ecom.Algorithms.Classification;

namespace Ecom.UnitTests.Algorithms.Classification;

public sealed class LogisticTermsTests
{
    [Fact]
    public void Without_missing_values_the_log_odds_are_those_of_the_plain_regression()
    {
        var (rows, labels) = Sample();
        var plain = LogisticRegression.Fit(rows, 2, labels);
        var terms = LogisticTerms.Fit(rows, 2, labels);

        for (var row = 0; row < 20; row++)
        {
            Assert.Equal(
                plain.Margin(rows.AsSpan(2 * row, 2)), terms.Margin(rows.AsSpan(2 * row, 2)), 1e-5);
        }
    }

    [Fact]
    public void Reasons_are_against_the_mean_row_and_add_up()
    {
        var (rows, labels) = Sample();
        var terms = LogisticTerms.Fit(rows, 2, labels);
        float[] mean = [(float)terms.Terms[0].Mean, (float)terms.Terms[1].Mean];
        var contributions = new double[2];

        Assert.Equal(terms.Intercept, terms.Explain(mean, contributions), 1e-6);
        Assert.All(contributions, value => Assert.Equal(0, value, 1e-6));
        var margin = terms.Explain([9, 1], contributions);
        Assert.Equal(margin, terms.Intercept + contributions.Sum(), 1e-12);
        Assert.True(contributions[0] > 0.5);
    }

    [Fact]
    public void That_a_value_is_missing_has_a_weight_of_its_own()
    {
        var random = new Random(3);
        var labels = new bool[2_000];
        var rows = new float[2_000];
        for (var row = 0; row < rows.Length; row++)
        {
            var missing = random.NextDouble() < 0.3;
            labels[row] = random.NextDouble() < (missing ? 0.6 : 0.1);
            rows[row] = missing ? float.NaN : random.NextSingle();
        }

        var terms = LogisticTerms.Fit(rows, 1, labels);

        Assert.Equal(0.6, Probability(float.NaN), 0.06);
        Assert.Equal(0.1, Probability(0.5f), 0.04);

        double Probability(float value) => PlattCalibration.None.Probability(terms.Margin([value]));
    }

    [Fact]
    public void A_value_far_beyond_all_others_counts_as_five_deviations()
    {
        var (rows, labels) = Sample();
        var terms = LogisticTerms.Fit(rows, 2, labels);
        var edge = (float)(terms.Terms[0].Mean + (LogisticTerms.Reach * terms.Terms[0].Scale));

        Assert.Equal(terms.Margin([edge, 1]), terms.Margin([1e30f, 1]), 1e-4);
    }

    [Fact]
    public void A_feature_that_is_always_missing_or_never_changes_says_nothing()
    {
        var terms = LogisticTerms.Fit([1, float.NaN, 1, float.NaN], 2, [true, false]);

        Assert.Equal(terms.Margin([1, float.NaN]), terms.Margin([9, 7]));
    }

    private static (float[] Rows, bool[] Labels) Sample()
    {
        var random = new Random(1);
        var (rows, labels) = (new float[1_000], new bool[500]);
        for (var row = 0; row < labels.Length; row++)
        {
            (rows[2 * row], rows[(2 * row) + 1]) = (random.NextSingle() * 10, random.NextSingle());
            labels[row] = random.NextDouble() * 10 < rows[2 * row];
        }

        return (rows, labels);
    }
}
