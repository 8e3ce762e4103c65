using Ecom.Algorithms.Fraud;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>A test week of the handbook's protocol, and the weeks before it.</summary>
/// <remarks>
/// The handbook trains on the seven days that end seven days (the delay of labels) before the test week. From each
/// test day the cards are left out that were defrauded in training, or until eight days before the test day.
/// </remarks>
internal sealed class FraudWeek
{
    private const int Days = 7;

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
        Judge = new FraudJudge(
            Array.ConvertAll(Test, file.DayOf),
            Array.ConvertAll(Test, at => file.Customers[at]),
            Array.ConvertAll(Test, at => file.Frauds[at]));
    }

    /// <summary>First day of the test week, counted from 1970.</summary>
    public int FirstDay { get; }

    /// <summary>Its name.</summary>
    public string Name => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(FirstDay).ToString("yyyy-MM-dd");

    /// <summary>Payments of the handbook's training week.</summary>
    public int[] Train { get; }

    /// <summary>Payments that are judged.</summary>
    public int[] Test { get; }

    /// <summary>Judges scores of them.</summary>
    public FraudJudge Judge { get; }

    /// <summary>The payments from one day to before another.</summary>
    public int[] RowsOf(int fromDay, int toDay)
    {
        var (begin, end) = (_file.FirstOf(fromDay), _file.FirstOf(toDay));
        return [.. Enumerable.Range(begin, Math.Max(0, end - begin))];
    }
}
