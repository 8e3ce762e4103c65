using Ecom.Algorithms.Classification;

namespace Ecom.Algorithms.Fraud;

/// <summary>Judges scores of payments of which it is known what they were.</summary>
/// <param name="days">Day of each payment.</param>
/// <param name="cards">Card of each payment.</param>
/// <param name="labels">Whether each is fraud.</param>
public sealed class FraudJudge(int[] days, int[] cards, bool[] labels)
{
    /// <summary>Key of average precision.</summary>
    public const string AveragePrecision = "ap";

    /// <summary>Key of the mean |predicted − observed| over ten bins of the highest 2 % of scores.</summary>
    public const string TopError = "top2%error";

    private const int CardsADay = 100;
    private const int Bins = 10;
    private const double TopShare = 0.02;

    /// <summary>Whether each payment is fraud.</summary>
    public IReadOnlyList<bool> Labels => labels;

    /// <summary>How well scores rank: <c>auc</c>, <c>ap</c>, <c>cp@100</c>.</summary>
    public Dictionary<string, double> Ranking(double[] scores) => new()
    {
        ["auc"] = BinaryMetrics.Auc(scores, labels),
        [AveragePrecision] = BinaryMetrics.AveragePrecision(scores, labels),
        ["cp@100"] = CardPrecision.At(days, cards, scores, labels, CardsADay),
    };

    /// <summary>
    /// How well probabilities rank, and how true they are: also <c>logLoss</c>, <c>brier</c>, <c>ece</c> (ten bins of
    /// all), <c>top2%error</c>.
    /// </summary>
    /// <param name="probabilities">The probabilities.</param>
    /// <param name="ranking">What ranks the payments for <c>top2%error</c>; null for the probabilities.</param>
    public Dictionary<string, double> Probabilities(double[] probabilities, double[]? ranking = null) =>
        new(Ranking(probabilities))
        {
            ["logLoss"] = BinaryMetrics.LogLoss(probabilities, labels),
            ["brier"] = BinaryMetrics.Brier(probabilities, labels),
            ["ece"] = BinaryMetrics.CalibrationError(probabilities, probabilities, labels, 1, Bins),
            [TopError] = BinaryMetrics.CalibrationError(
                ranking ?? probabilities, probabilities, labels, TopShare, Bins),
        };
}
