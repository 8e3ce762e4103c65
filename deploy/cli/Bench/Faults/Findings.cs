using System.Globalization;

namespace Ecom.Cli.Bench.Faults;

/// <summary>What does not agree with the recount, by column of the report.</summary>
internal sealed class Findings
{
    public const string Unanswered = "unanswered";
    public const string Misjudged = "misjudged";
    public const string Lost = "lost";
    public const string Doubled = "doubled";
    public const string Off = "off";
    public const string AlertsLost = "alertsLost";
    public const string AlertsDoubled = "alertsDoubled";
    public const string DecidedTwice = "decidedTwice";
    public const string NotBitEqual = "notBitEqual";
    public const string Parked = "parked";
    private const int Examples = 12;

    private readonly Dictionary<string, long> _counts = new()
    {
        [Unanswered] = 0,
        [Misjudged] = 0,
        [Lost] = 0,
        [Doubled] = 0,
        [Off] = 0,
        [AlertsLost] = 0,
        [AlertsDoubled] = 0,
        [DecidedTwice] = 0,
        [NotBitEqual] = 0,
        [Parked] = 0,
    };

    private readonly List<string> _examples = [];

    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Some of what was found, in words.</summary>
    public IReadOnlyList<string> Lines => _examples;

    /// <summary>Values that were compared with the recount.</summary>
    public long Recounted { get; private set; }

    public bool IsClean => _counts.Values.All(count => count == 0);

    public void Add(string column, long count, Func<string> inWords)
    {
        if (count == 0)
        {
            return;
        }

        _counts[column] += count;
        if (_examples.Count < Examples)
        {
            _examples.Add($"{column}: {inWords()}");
        }
    }

    /// <summary>A value that must be another.</summary>
    public void Compare(string what, double expected, double? found)
    {
        Recounted++;
        if (found != expected)
        {
            Add(Off, 1, () => string.Create(
                CultureInfo.InvariantCulture, $"{what} is {(object?)found ?? "missing"}, not {expected}"));
        }
    }

    public void AddAll(Findings others)
    {
        foreach (var (column, count) in others._counts)
        {
            _counts[column] += count;
        }

        _examples.AddRange(others._examples);
        Recounted += others.Recounted;
    }
}
