using System.Globalization;
using Ecom.Algorithms.Fraud;
using Ecom.Training.Data;
using Ecom.Training.Runs;

namespace Ecom.Training.Trainers;

/// <summary>What every candidate of a run is measured on: the newest days whose labels have matured.</summary>
/// <remarks>
/// A candidate is fitted as of the first of these days, on labels that had arrived by then; what is known now says how
/// good it was.
/// </remarks>
internal sealed class FraudTest
{
    private readonly FraudTable _all;
    private readonly Range _rows;

    /// <summary>Holds out the test part.</summary>
    /// <param name="history">All payments.</param>
    /// <param name="maturity">After how long a payment without a label counts as genuine.</param>
    /// <param name="options">Of the run.</param>
    /// <exception cref="TrainingException">Too few frauds are known in it.</exception>
    public FraudTest(PaymentHistory history, TimeSpan maturity, FraudOptions options)
    {
        const long Day = 86_400_000;
        _all = history.All;
        var endMs = history.NowMs - (long)maturity.TotalMilliseconds;
        CutMs = endMs - (options.TestDays * Day);
        var (first, end) = (_all.FirstAt(CutMs), _all.FirstAt(endMs));
        _rows = first..end;
        var labels = _all.LabelsAt(_rows, history.NowMs);
        var frauds = labels.Count(label => label);
        if (frauds < options.MinimumFrauds || frauds == labels.Length)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"{frauds} frauds are known among the {labels.Length} payments from {Cut:yyyy-MM-dd} on, "
                    + $"{options.TestDays} days, that a model would be measured on (younger than "
                    + $"{maturity.TotalDays:0.#} days they may still be disputed); at least {options.MinimumFrauds} "
                    + $"are needed, and a genuine payment. Of all {_all.Count} payments "
                    + $"{_all.FraudKnownMs.Count(known => known != FraudTable.Never)} are known as fraud. Import "
                    + $"disputes or wait for them, set testDays higher or minimumFrauds lower."));
        }

        Known = history.KnownAt(CutMs);
        Judge = new FraudJudge(
            Array.ConvertAll(_all.AtMs[_rows], at => (int)(at / Day)),
            [.. history.Cards.Take(_rows)],
            labels);
        RuleScores = [.. history.RuleScores.Take(_rows)];
        Counts = new Dictionary<string, double> { ["payments"] = labels.Length, ["frauds"] = frauds };
    }

    /// <summary>Where it begins, milliseconds since 1970.</summary>
    public long CutMs { get; }

    /// <summary>Where it begins.</summary>
    public DateTimeOffset Cut => DateTimeOffset.FromUnixTimeMilliseconds(CutMs);

    /// <summary>The payments before it, with the labels that had arrived by its begin.</summary>
    public FraudTable Known { get; }

    /// <summary>Judges scores of its payments by what is known now.</summary>
    public FraudJudge Judge { get; }

    /// <summary>What the rules made of its payments.</summary>
    public double[] RuleScores { get; }

    /// <summary>What a figure rests on.</summary>
    public IReadOnlyDictionary<string, double> Counts { get; }

    /// <summary>What a model makes of its payments.</summary>
    public double[] Score(FraudModel model)
    {
        var rows = _all.Rows(_rows).Span;
        var scores = new double[rows.Length / _all.Width];
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = model.Score(rows.Slice(row * _all.Width, _all.Width));
        }

        return scores;
    }
}
