using System.Text.Json;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.Rules.Checking;
using Ecom.Rules.Evaluation;
using Ecom.Rules.Syntax;

namespace Ecom.Fraud.Endpoints;

/// <summary>A condition, in one of its two forms.</summary>
internal sealed record ConditionRequest
{
    /// <summary>The text form; or give <see cref="Expression"/>.</summary>
    public string? When { get; init; }

    /// <summary>The JSON form; or give <see cref="When"/>.</summary>
    public JsonElement? Expression { get; init; }
}

/// <summary>A condition that was read.</summary>
internal sealed record CompiledCondition(string When, CompiledRule? Rule, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>Reads the form that is given.</summary>
    public static CompiledCondition Of(string? when, JsonElement? expression = null)
    {
        CompiledRule? rule;
        IReadOnlyList<Diagnostic> diagnostics;
        if (expression is not { } json)
        {
            // What people wrote is kept as they wrote it.
            RuleSchema.Language.TryCompile(when ?? "", out rule, out diagnostics);
            return new CompiledCondition(when ?? "", rule, diagnostics);
        }

        RuleSchema.Language.TryCompile(json, out rule, out diagnostics);
        return new CompiledCondition(rule is null ? "" : ExpressionText.Write(rule.Expression), rule, diagnostics);
    }
}

/// <summary>A draft.</summary>
internal sealed record DraftRequest
{
    /// <summary>The text form; or give <see cref="Expression"/>.</summary>
    public string? When { get; init; }

    /// <summary>The JSON form; or give <see cref="When"/>.</summary>
    public JsonElement? Expression { get; init; }

    /// <summary>The rule; a new name makes a new rule.</summary>
    public string? Code { get; init; }

    /// <summary>How much suspicion it adds, from 0 to 1.</summary>
    public double Weight { get; init; }

    /// <summary>What it does beside. Default: nothing, the score decides.</summary>
    public RuleAction Action { get; init; }

    /// <summary>One sentence for people.</summary>
    public string? Text { get; init; }

    /// <summary>Why there is this version.</summary>
    public string? Note { get; init; }
}

/// <summary>What to explain a condition by: a stored payment, or values.</summary>
internal sealed record ExplainRequest
{
    /// <summary>The text form; or give <see cref="Expression"/>.</summary>
    public string? When { get; init; }

    /// <summary>The JSON form; or give <see cref="When"/>.</summary>
    public JsonElement? Expression { get; init; }

    /// <summary>A stored rule instead of a condition, with <see cref="Version"/>.</summary>
    public string? Code { get; init; }

    public int? Version { get; init; }

    /// <summary>A payment that was decided.</summary>
    public string? PaymentId { get; init; }

    /// <summary>Or numbers by name.</summary>
    public IReadOnlyDictionary<string, double?>? Features { get; init; }

    /// <summary>And texts by name.</summary>
    public IReadOnlyDictionary<string, string>? Texts { get; init; }

    /// <summary>The facts that are given in the request itself.</summary>
    public PaymentFacts GivenFacts => new()
    {
        Vector = Features ?? new Dictionary<string, double?>(),
        Texts = Texts ?? new Dictionary<string, string>(),
    };
}

/// <summary>What was found out of a condition.</summary>
internal sealed record ValidationResponse
{
    public required bool Valid { get; init; }

    /// <summary>What is wrong, with places.</summary>
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>The text form, spelt in the one way; null if it is not valid.</summary>
    public required string? When { get; init; }

    /// <summary>The JSON form; null if it is not valid.</summary>
    public required JsonElement? Expression { get; init; }

    /// <summary>What judging by it costs; null if it is not valid.</summary>
    public required RuleCost? Cost { get; init; }

    public required IReadOnlyList<string> Features { get; init; }

    public required IReadOnlyList<string> Lists { get; init; }

    public static ValidationResponse Of(CompiledCondition condition) => new()
    {
        Valid = condition.Rule is not null,
        Diagnostics = condition.Diagnostics,
        When = condition.Rule is { } rule ? ExpressionText.Write(rule.Expression) : null,
        Expression = condition.Rule is { } tree ? ExpressionJson.ToElement(tree.Expression) : null,
        Cost = condition.Rule?.Cost,
        Features = condition.Rule?.Features ?? [],
        Lists = condition.Rule?.Lists ?? [],
    };
}

/// <summary>The rules in force.</summary>
internal sealed record RulesResponse
{
    public required string Version { get; init; }

    public required double ReviewAt { get; init; }

    public required double BlockAt { get; init; }

    /// <summary>Those that allow first, then the weightiest.</summary>
    public required IReadOnlyList<NamedRule> Rules { get; init; }

    /// <summary>Rules that are judged by without effect, as code@version.</summary>
    public required IReadOnlyList<string> Shadow { get; init; }

    /// <summary>What rules can name.</summary>
    public required IReadOnlyList<FeatureResponse> Features { get; init; }
}

/// <summary>Something that rules can name.</summary>
internal sealed record FeatureResponse(string Name, RuleType Type);

/// <summary>A version of a rule, and how it does in the shadow.</summary>
internal sealed record RuleVersionResponse
{
    public required StoredRule Rule { get; init; }

    /// <summary>The JSON form of its condition; null if it names features that are gone.</summary>
    public required JsonElement? Expression { get; init; }

    /// <summary>What it did since it runs in the shadow; null if it never did.</summary>
    public required ShadowCounts? Shadow { get; init; }
}
