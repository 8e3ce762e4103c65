using Ecom.Algorithms.Fraud;

namespace Ecom.UnitTests.Algorithms.Fraud;

public sealed class CardPrecisionTests
{
    [Fact]
    public void A_card_has_its_greatest_score_and_counts_if_any_payment_is_fraud() =>
        Assert.Equal(
            0.5,
            CardPrecision.At([0, 0, 0, 0], [1, 1, 2, 3], [0.2, 0.9, 0.5, 0.1], [true, false, false, true], 2));

    [Fact]
    public void A_card_that_was_found_leaves_the_days_that_follow()
    {
        int[] days = [0, 0, 1, 1];
        int[] cards = [1, 2, 1, 2];
        double[] scores = [0.9, 0.1, 0.9, 0.1];

        Assert.Equal(1, CardPrecision.At(days, cards, scores, [true, false, true, true], 1));
        Assert.Equal(0.5, CardPrecision.At(days, cards, scores, [true, false, true, false], 1));
    }

    [Fact]
    public void A_day_with_fewer_cards_still_counts_as_k() =>
        Assert.Equal(0.1, CardPrecision.At([0], [1], [0.9], [true], 10));
}
