using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Rules.Checking;
using Ecom.Rules.Evaluation;

namespace Ecom.Fraud.Rules;

/// <summary>The rules in force at some time, and their judgement of a payment: a pure function of both.</summary>
internal sealed class RuleSet
{
    private readonly Ready[] _rules;
    private readonly RuleSetContent _content;

    /// <param name="content">Rules that compile: see <see cref="RuleDefinition.Problems"/>.</param>
    public RuleSet(RuleSetContent content)
    {
        _content = content with
        {
            Rules =
            [
                .. content.Rules
                    .OrderByDescending(rule => rule.Rule.Action == RuleAction.Allow)
                    .ThenByDescending(rule => rule.Rule.Weight)
                    .ThenBy(rule => rule.Code, StringComparer.Ordinal),
            ],
        };
        _rules = [.. _content.Rules.Select(rule => new Ready(rule))];
        Json = JsonSerializer.Serialize(_content);
        Version = $"rules-{Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(_content)))[..12]}";
    }

    /// <summary>Changes with any rule, threshold or feature.</summary>
    public string Version { get; }

    /// <summary>All that it is made of: <see cref="OfJson"/> makes the same again.</summary>
    public string Json { get; }

    /// <summary>The rules that are used: those that allow first, then the weightiest.</summary>
    public IReadOnlyList<NamedRule> Rules => _content.Rules;

    /// <summary>The score from which a person looks at a payment.</summary>
    public double ReviewAt => _content.ReviewAt;

    /// <summary>The score from which a payment is refused.</summary>
    public double BlockAt => _content.BlockAt;

    /// <summary>A stored set; null if features that it names are no longer there.</summary>
    public static RuleSet? OfJson(string json)
    {
        var content = JsonSerializer.Deserialize<RuleSetContent>(json)!;
        return content.Rules.All(rule => rule.Rule.Problems(out _).Count == 0) ? new RuleSet(content) : null;
    }

    /// <summary>The same set with one rule instead of the one of its code, or beside the others.</summary>
    public RuleSet With(NamedRule rule) =>
        new(_content with { Rules = [.. Rules.Where(other => other.Code != rule.Code), rule] });

    /// <summary>Judges a payment.</summary>
    public Verdict Judge(PaymentFacts facts)
    {
        var slots = RuleSchema.SlotsOf(facts);
        var innocence = 1.0;
        var action = RuleAction.Score;
        var reasons = new List<FraudReason>();
        foreach (var rule in _rules)
        {
            if (!rule.Compiled.Holds(slots.View))
            {
                continue;
            }

            innocence *= 1 - rule.Named.Rule.Weight;
            action = rule.Named.Rule.Action > action ? rule.Named.Rule.Action : action;
            reasons.Add(rule.ReasonFor(slots));
        }

        var score = 1 - innocence;
        var byScore = score >= BlockAt ? FraudDecision.Block
            : score >= ReviewAt ? FraudDecision.Review
            : FraudDecision.Allow;
        return new Verdict(Decide(action, byScore), score, reasons) { IsCleared = action == RuleAction.Allow };
    }

    private static FraudDecision Decide(RuleAction action, FraudDecision byScore) => action switch
    {
        RuleAction.Allow => FraudDecision.Allow,
        RuleAction.Block => FraudDecision.Block,
        RuleAction.Review when byScore == FraudDecision.Allow => FraudDecision.Review,
        _ => byScore,
    };

    private sealed class Ready
    {
        // What the sentence to people has in braces beside value and threshold.
        private readonly FeatureSlot[] _named;

        public Ready(NamedRule rule)
        {
            Named = rule;
            Compiled = rule.Rule.Problems(out var compiled).Count == 0 && compiled is not null
                ? compiled
                : throw new ArgumentException($"The rule {rule.Name} is wrong.", nameof(rule));
            _named =
            [
                .. RuleSchema.Language.Schema.Features.Where(feature =>
                    rule.Rule.Text.Contains($"{{{feature.Name}}}", StringComparison.Ordinal)),
            ];
        }

        public NamedRule Named { get; }

        public CompiledRule Compiled { get; }

        // A rule without a comparison of numbers says 1 of 1: it holds.
        public FraudReason ReasonFor(FactSlots slots)
        {
            var (value, threshold) = Compiled.Measure(slots.View) ?? (1, 1);
            var text = Named.Rule.Text
                .Replace("{value}", Shown(value), StringComparison.Ordinal)
                .Replace("{threshold}", Shown(threshold), StringComparison.Ordinal);
            foreach (var feature in _named)
            {
                text = text.Replace(
                    $"{{{feature.Name}}}",
                    feature.Type == RuleType.Text ? slots.Texts[feature.Slot] ?? "unknown"
                    : double.IsNaN(slots.Numbers[feature.Slot]) ? "unknown"
                    : Shown(slots.Numbers[feature.Slot]),
                    StringComparison.Ordinal);
            }

            // jsonb knows no -0.0, and a judgement must be the same when it is read again.
            return new FraudReason
            {
                Code = Named.Code,
                Text = text,
                Value = value + 0.0,
                Threshold = threshold + 0.0,
            };
        }

        private static string Shown(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
    }
}

/// <summary>What a set of rules is made of.</summary>
internal sealed record RuleSetContent
{
    /// <summary>Version of the feature definitions.</summary>
    public required string Features { get; init; }

    public required double ReviewAt { get; init; }

    public required double BlockAt { get; init; }

    public required IReadOnlyList<NamedRule> Rules { get; init; }
}
