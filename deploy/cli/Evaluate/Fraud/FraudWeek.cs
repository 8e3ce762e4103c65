using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>A test week of the handbook's protocol, and the weeks before it.</summary>
/// <remarks>
/// The handbook trains on the seven days that end seven days (the delay of labels) before the test week. From each
/// test day the cards are left out that were defrauded in training, or until eight days before the test day.
/// </remarks>
internal sealed class FraudWeek
{
    /// <summary>Key of the mean |predicted − observed| over ten bins of the highest 2 % of scores.</summary>
    public const string TopError = "top2%error";

    private const int Days = 7;
    private const int CardsADay = 100;
    private const int Bins = 10;
    private const double TopShare = 0.02;

    private readonly TransactionFile _file;

    public FraudWeek(TransactionFile file, int firstDay)
    {
        _file = file;
        FirstDay = firstDay;
        var trainBegin = firstDay - (2 * Days);
        Train = RowsOf(trainBegin, trainBegin + Days);
        var known = Train.Where(at => file.Frauds[at]).Select(at => file.Customers[at]).ToHashSet();
        var test = new List<int>();
        for (var day = firstDay; day < firstDay + Days; day++)
        {
            known.UnionWith(RowsOf(day - Days - 1, day - Days).Where(at => file.Frauds[at])
                .Select(at => file.Customers[at]));
            test.AddRange(RowsOf(day, day + 1).Where(at => !known.Contains(file.Customers[at])));
        }

        Test = [.. test];
        Labels = Array.ConvertAll(Test, at => file.Frauds[at]);
    }

    /// <summary>First day of the test week, counted from 1970.</summary>
    public int FirstDay { get; }

    /// <summary>Its name.</summary>
    public string Name => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(FirstDay).ToString("yyyy-MM-dd");

    /// <summary>Payments of the handbook's training week.</summary>
    public int[] Train { get; }

    /// <summary>Payments that are judged.</summary>
    public int[] Test { get; }

    /// <summary>Whether each of them is fraud.</summary>
    public bool[] Labels { get; }

    /// <summary>The payments from one day to before another.</summary>
    public int[] RowsOf(int fromDay, int toDay)
    {
        var (begin, end) = (_file.FirstOf(fromDay), _file.FirstOf(toDay));
        return [.. Enumerable.Range(begin, Math.Max(0, end - begin))];
    }

    /// <summary>Judges scores of the test payments: how well they rank.</summary>
    public Dictionary<string, double> Judge(double[] scores) => new()
    {
        ["auc"] = BinaryMetrics.Auc(scores, Labels),
        ["ap"] = BinaryMetrics.AveragePrecision(scores, Labels),
        ["cp@100"] = CardPrecision.At(
            Array.ConvertAll(Test, _file.DayOf),
            Array.ConvertAll(Test, at => _file.Customers[at]),
            scores,
            Labels,
            CardsADay),
    };

    /// <summary>Judges probabilities of the test payments: how well they rank, and how true they are.</summary>
    /// <param name="probabilities">The probabilities.</param>
    /// <param name="ranking">What ranks the payments for <c>top2%error</c>; null for the probabilities.</param>
    public Dictionary<string, double> JudgeProbabilities(double[] probabilities, double[]? ranking = null) =>
        new(Judge(probabilities))
        {
            ["logLoss"] = BinaryMetrics.LogLoss(probabilities, Labels),
            ["brier"] = BinaryMetrics.Brier(probabilities, Labels),
            ["ece"] = BinaryMetrics.CalibrationError(probabilities, probabilities, Labels, 1, Bins),
            [TopError] = BinaryMetrics.CalibrationError(
                ranking ?? probabilities, probabilities, Labels, TopShare, Bins),
        };
}
