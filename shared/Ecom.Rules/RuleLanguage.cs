using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Ecom.Rules.Checking;
using Ecom.Rules.Evaluation;
using Ecom.Rules.Syntax;

namespace Ecom.Rules;

/// <summary>Rules over the features of one host: reads them, checks them, makes them ready to judge.</summary>
/// <remarks>
/// What a user writes never throws: what is wrong comes back as diagnostics with places. No rule runs code other than
/// the functions of the language. docs/rules.md has grammar, types and what missing values mean.
/// </remarks>
/// <param name="schema">The features that rules can name.</param>
/// <param name="limits">How large and expensive a rule may be; by default <see cref="RuleLimits.Default"/>.</param>
public sealed class RuleLanguage(FeatureSchema schema, RuleLimits? limits = null)
{
    private readonly RuleLimits _limits = limits ?? RuleLimits.Default;

    /// <summary>The features that rules can name.</summary>
    public FeatureSchema Schema => schema;

    /// <summary>Reads, checks and compiles the text form.</summary>
    /// <param name="text">The rule.</param>
    /// <param name="rule">The rule, ready to judge; null if something is wrong with it.</param>
    /// <param name="diagnostics">What is wrong, in the order of the text; empty if nothing.</param>
    public bool TryCompile(
        string text, [NotNullWhen(true)] out CompiledRule? rule, out IReadOnlyList<Diagnostic> diagnostics)
    {
        rule = null;
        if (!Parser.TryParse(text, _limits, out var expression, out var error))
        {
            diagnostics = [error];
            return false;
        }

        return TryCompile(expression, out rule, out diagnostics);
    }

    /// <summary>Reads, checks and compiles the JSON form.</summary>
    /// <param name="json">The rule.</param>
    /// <param name="rule">The rule, ready to judge; null if something is wrong with it.</param>
    /// <param name="diagnostics">
    /// What is wrong: with a path if it is no rule, else with places in the text form.
    /// </param>
    public bool TryCompile(
        JsonElement json, [NotNullWhen(true)] out CompiledRule? rule, out IReadOnlyList<Diagnostic> diagnostics)
    {
        rule = null;
        if (!JsonParser.TryParse(json, _limits, out var expression, out var error))
        {
            diagnostics = [error];
            return false;
        }

        return TryCompile(expression, out rule, out diagnostics);
    }

    private bool TryCompile(
        Expression expression, out CompiledRule? rule, out IReadOnlyList<Diagnostic> diagnostics)
    {
        var cost = RuleCost.Of(expression);
        diagnostics = [.. cost.Excesses(_limits, expression.Span)];
        rule = null;
        if (diagnostics.Count > 0)
        {
            return false;
        }

        var checker = new TypeChecker(schema);
        checker.CheckRule(expression);
        diagnostics = checker.Errors;
        rule = diagnostics.Count == 0 ? new CompiledRule(expression, schema, checker.Types, cost) : null;
        return rule is not null;
    }
}
