using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Definitions;

namespace Ecom.Fraud.Rules;

/// <summary>The rules in force, and their judgement of a vector: a pure function of both.</summary>
internal sealed class RuleSet
{
    private readonly KeyValuePair<string, RuleOptions>[] _rules;
    private readonly double _reviewAt;
    private readonly double _blockAt;

    /// <param name="options">Checked by <see cref="FraudOptionsCheck"/>.</param>
    public RuleSet(FraudOptions options)
    {
        _reviewAt = options.ReviewAt;
        _blockAt = options.BlockAt;
        _rules =
        [
            .. options.Rules.Where(rule => rule.Value.Enabled)
                .OrderByDescending(rule => rule.Value.Weight).ThenBy(rule => rule.Key, StringComparer.Ordinal),
        ];
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new { FraudFeatures.Set.Version, options.ReviewAt, options.BlockAt, Rules = _rules });
        Version = $"rules-{Convert.ToHexStringLower(SHA256.HashData(content))[..12]}";
    }

    /// <summary>Changes with any rule, threshold or feature.</summary>
    public string Version { get; }

    /// <summary>The rules that are used, weightiest first.</summary>
    public IReadOnlyList<KeyValuePair<string, RuleOptions>> Rules => _rules;

    /// <summary>Judges a vector.</summary>
    /// <param name="vector">Numbers by name; what is missing or null fits no rule.</param>
    public Verdict Judge(IReadOnlyDictionary<string, double?> vector)
    {
        var innocence = 1.0;
        var least = FraudDecision.Allow;
        var reasons = new List<FraudReason>();
        foreach (var (code, rule) in _rules)
        {
            if (!Fits(vector, rule.Feature, rule.Comparison, rule.Threshold)
                || !rule.Also.All(also => Fits(vector, also.Feature, also.Comparison, also.Threshold)))
            {
                continue;
            }

            innocence *= 1 - rule.Weight;
            least = rule.Action > least ? rule.Action : least;
            reasons.Add(ReasonOf(code, rule, vector[rule.Feature]!.Value));
        }

        var score = 1 - innocence;
        var byScore = score >= _blockAt ? FraudDecision.Block
            : score >= _reviewAt ? FraudDecision.Review
            : FraudDecision.Allow;
        return new Verdict(least > byScore ? least : byScore, score, reasons);
    }

    private static bool Fits(
        IReadOnlyDictionary<string, double?> vector, string feature, Comparison comparison, double threshold) =>
        vector.GetValueOrDefault(feature) is { } value && comparison switch
        {
            Comparison.AtLeast => value >= threshold,
            Comparison.Above => value > threshold,
            Comparison.AtMost => value <= threshold,
            Comparison.Below => value < threshold,
            _ => false,
        };

    private static FraudReason ReasonOf(string code, RuleOptions rule, double value) => new()
    {
        Code = code,
        Text = rule.Text
            .Replace("{value}", Shown(value), StringComparison.Ordinal)
            .Replace("{threshold}", Shown(rule.Threshold), StringComparison.Ordinal),
        Value = value,
        Threshold = rule.Threshold,
    };

    private static string Shown(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
