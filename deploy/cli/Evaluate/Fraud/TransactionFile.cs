using System.Globalization;
using Ecom.Algorithms.Recommendation;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate.Fraud;

/// <summary>Card payments with their truth, in the order of time: the form of the Fraud-Detection-Handbook.</summary>
internal sealed record TransactionFile
{
    private static readonly string[] _columns =
        ["TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD"];

    /// <summary>When, milliseconds since 1970, ascending.</summary>
    public required long[] AtMs { get; init; }

    /// <summary>Index of the customer.</summary>
    public required int[] Customers { get; init; }

    /// <summary>Index of the terminal.</summary>
    public required int[] Terminals { get; init; }

    /// <summary>Minor units.</summary>
    public required long[] Amounts { get; init; }

    /// <summary>Whether it was fraud.</summary>
    public required bool[] Frauds { get; init; }

    /// <summary>Names of the customers.</summary>
    public required string[] CustomerIds { get; init; }

    /// <summary>Names of the terminals.</summary>
    public required string[] TerminalIds { get; init; }

    public int Count => AtMs.Length;

    /// <summary>The UTC day of a payment, counted from 1970.</summary>
    public int DayOf(int at) => (int)(AtMs[at] / TimeSpan.MillisecondsPerDay);

    /// <summary>The first payment of a day or later.</summary>
    public int FirstOf(int day)
    {
        var at = Array.BinarySearch(AtMs, day * TimeSpan.MillisecondsPerDay);
        at = at < 0 ? ~at : at;
        while (at > 0 && AtMs[at - 1] >= day * TimeSpan.MillisecondsPerDay)
        {
            at--;
        }

        return at;
    }

    /// <summary>Reads comma-separated lines under a header that names the columns, in any order.</summary>
    /// <exception cref="SetupException">Something is missing or wrong; the message names file and line.</exception>
    public static TransactionFile Read(string path)
    {
        var (customers, terminals) = (new IdIndex(), new IdIndex());
        var rows = new List<(long AtMs, int Customer, int Terminal, long Amount, bool IsFraud)>();
        int[]? columns = null;
        var ranges = new Range[64];
        foreach (var (number, line) in TextLines.Read(path))
        {
            if (columns is null)
            {
                columns = Header(path, number, line);
                continue;
            }

            var count = line.AsSpan().Split(ranges, ',', StringSplitOptions.TrimEntries);
            if (count <= columns.Max())
            {
                throw new SetupException($"{path} line {number}: {columns.Max() + 1} fields are needed: '{line}'.");
            }

            rows.Add((
                Time(Field(0)),
                customers.Add(Id(Field(1))),
                terminals.Add(Id(Field(2))),
                Amount(Field(3)),
                Truth(Field(4))));

            ReadOnlySpan<char> Field(int column) => line.AsSpan(ranges[columns[column]]);

            SetupException Wrong(string what, ReadOnlySpan<char> field) =>
                new($"{path} line {number}: {what}, this is '{field}'.");

            string Id(ReadOnlySpan<char> field) => field.IsEmpty
                ? throw Wrong("an id is needed", field) : field.ToString();

            long Time(ReadOnlySpan<char> field) =>
                DateTimeOffset.TryParse(
                    field, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                && at > DateTimeOffset.UnixEpoch
                    ? at.ToUnixTimeMilliseconds()
                    : throw Wrong("a time is '2018-04-01 00:00:31' and after 1970", field);

            long Amount(ReadOnlySpan<char> field) =>
                decimal.TryParse(field, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount)
                && amount is >= 0 and <= 1_000_000_000_000
                    ? (long)decimal.Round(amount * 100)
                    : throw Wrong("an amount is a number from 0 to 1e12", field);

            bool Truth(ReadOnlySpan<char> field) => field is "0" or "1"
                ? field is "1" : throw Wrong("fraud is 0 or 1", field);
        }

        return rows.Count > 0 ? Ordered(rows, customers, terminals)
            : throw new SetupException($"{path}: no transactions in it.");
    }

    private static TransactionFile Ordered(
        List<(long AtMs, int Customer, int Terminal, long Amount, bool IsFraud)> rows, IdIndex customers,
        IdIndex terminals)
    {
        var ordered = rows.ToArray();
        if (rows.Zip(rows.Skip(1)).Any(pair => pair.First.AtMs > pair.Second.AtMs))
        {
            ordered = [.. rows.OrderBy(row => row.AtMs)];
        }

        return new TransactionFile
        {
            AtMs = Array.ConvertAll(ordered, row => row.AtMs),
            Customers = Array.ConvertAll(ordered, row => row.Customer),
            Terminals = Array.ConvertAll(ordered, row => row.Terminal),
            Amounts = Array.ConvertAll(ordered, row => row.Amount),
            Frauds = Array.ConvertAll(ordered, row => row.IsFraud),
            CustomerIds = [.. customers.Ids],
            TerminalIds = [.. terminals.Ids],
        };
    }

    private static int[] Header(string path, int number, string line)
    {
        var names = line.Split(',', StringSplitOptions.TrimEntries);
        var columns = Array.ConvertAll(_columns, column => Array.IndexOf(names, column));
        return !columns.Contains(-1) && names.Length <= 64
            ? columns
            : throw new SetupException(
                $"{path} line {number}: a header with {string.Join(", ", _columns)} is needed, this is '{line}'.");
    }
}
