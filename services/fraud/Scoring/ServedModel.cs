using System.Globalization;
using Ecom.Algorithms.Fraud;
using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Scoring;

/// <summary>A version of the model, ready to be asked.</summary>
internal sealed class ServedModel(int version, FraudModel model)
{
    private const int MostReasons = 4;
    private const double LeastContribution = 0.05;

    public int Version => version;

    public FraudModel Model => model;

    /// <summary>What it says of a payment, with what made it say so, in one walk.</summary>
    /// <param name="vector">Numbers by name; what the model knows and the vector lacks is missing.</param>
    /// <param name="policy">Decides by the score.</param>
    /// <param name="amount">Minor units of the base currency.</param>
    public Assessment Assess(IReadOnlyDictionary<string, double?> vector, CostPolicy policy, long amount)
    {
        var row = RowOf(vector);
        var contributions = new double[row.Length];
        var score = model.Explain(row, contributions);
        return new Assessment(
            new ModelOpinion
            {
                Version = version,
                Score = score,
                Anomaly = model.Anomaly(row),
                Decision = policy.Decide(score, amount),
            },
            this,
            row,
            contributions);
    }

    /// <summary>The values of a vector in the order in which the model was taught.</summary>
    public float[] RowOf(IReadOnlyDictionary<string, double?> vector)
    {
        var row = new float[model.Names.Count];
        for (var at = 0; at < row.Length; at++)
        {
            row[at] = (float)(vector.GetValueOrDefault(model.Names[at]) ?? double.NaN);
        }

        return row;
    }

    /// <summary>What an assessment rests on most, the greatest part first; only what speaks for fraud.</summary>
    internal IReadOnlyList<FraudReason> ReasonsOf(float[] row, double[] contributions) =>
    [
        .. Enumerable.Range(0, row.Length)
            .Where(at => contributions[at] >= LeastContribution)
            .OrderByDescending(at => contributions[at])
            .Take(MostReasons)
            .Select(at => ReasonOf(at, row[at], contributions[at])),
    ];

    private FraudReason ReasonOf(int at, double value, double contribution)
    {
        var name = model.Names[at];
        var typical = model.Reference.Features[at].Quantile(0.5);
        return new FraudReason
        {
            Code = ModelReasons.Prefix + name,
            Text = $"{name.Replace('_', ' ')}: {ModelReasons.Shown(name, value)}, "
                + $"usually {ModelReasons.Shown(name, typical)}.",
            Value = Finite(value),
            Threshold = Finite(typical),
            Contribution = contribution,
        };
    }

    // JSON has no NaN: what is missing says 0, and the text says that it is unknown.
    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}

/// <summary>What a model says of a payment, and why.</summary>
internal sealed class Assessment(ModelOpinion opinion, ServedModel model, float[] row, double[] contributions)
{
    public ModelOpinion Opinion => opinion;

    /// <summary>Reasons, weightiest first.</summary>
    public IReadOnlyList<FraudReason> Reasons() => model.ReasonsOf(row, contributions);
}

/// <summary>How reasons of a model are named and shown.</summary>
internal static class ModelReasons
{
    /// <summary>Begin of the code of a model's reason; the name of the feature follows.</summary>
    public const string Prefix = "model:";

    private const double Minute = 60;
    private const double Hour = 3_600;
    private const double Day = 86_400;

    /// <summary>A value for people: spans of time in their own unit.</summary>
    public static string Shown(string feature, double value) =>
        !double.IsFinite(value) ? "unknown"
        : !feature.Contains("_since_", StringComparison.Ordinal) ? Number(value)
        : Math.Abs(value) >= Day ? Number(value / Day) + " days"
        : Math.Abs(value) >= Hour ? Number(value / Hour) + " hours"
        : Number(value / Minute) + " minutes";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
