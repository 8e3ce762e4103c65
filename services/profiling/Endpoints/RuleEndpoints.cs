using Ecom.Profiling.Rules;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Profiling.Endpoints;

/// <summary>What is bought together.</summary>
internal static class RuleEndpoints
{
    private const int LongestPage = 500;
    private static readonly string[] _orders = ["confidence", "lift", "support"];

    public static void MapRules(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/rules", GetRules)
            .WithName(nameof(GetRules))
            .WithSummary("Rules by confidence, lift or support; filtered by product, least lift and confidence.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/baskets/complete", CompleteBasket)
            .WithName(nameof(CompleteBasket))
            .WithSummary("Products that complete a basket (products=a,b), each with the rule that says so.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/rule-runs", GetRuleRuns)
            .WithName(nameof(GetRuleRuns))
            .WithSummary("Passes of mining, newest first.")
            .RequireScope(Scopes.Ops, Scopes.Read);
        app.MapPost("/v1/rule-runs", PostRuleRun)
            .WithName(nameof(PostRuleRun))
            .WithSummary("Mines rules now.")
            .RequireScope(Scopes.Ops);
    }

    private static Results<Ok<IEnumerable<RuleAnswer>>, ValidationProblem> GetRules(
        CurrentRules current,
        string? product = null,
        double minLift = 0,
        double minConfidence = 0,
        string sort = "confidence",
        int skip = 0,
        int limit = 50)
    {
        if (skip < 0 || limit is < 1 or > LongestPage || !_orders.Contains(sort))
        {
            return Invalid($"limit 1 to {LongestPage}, skip at least 0, sort one of {string.Join(", ", _orders)}.");
        }

        var served = current.Served;
        var rules = served.Rules.Where(rule => rule.Lift >= minLift
            && rule.Confidence >= minConfidence
            && (product is null || rule.Consequent == product || rule.Antecedent.Contains(product)));
        var sorted = sort switch
        {
            "lift" => rules.OrderByDescending(rule => rule.Lift),
            "support" => rules.OrderByDescending(rule => rule.Support),
            _ => rules,
        };
        return TypedResults.Ok(sorted.Skip(skip).Take(limit).Select(rule => RuleAnswer.Of(rule, served)));
    }

    private static Results<Ok<IEnumerable<RuleAnswer>>, ValidationProblem> CompleteBasket(
        CurrentRules current, string products = "", int count = 10)
    {
        var basket = products.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (basket.Length is < 1 or > LongestPage || count is < 1 or > LongestPage)
        {
            return Invalid($"products: 1 to {LongestPage} ids, comma separated; count 1 to {LongestPage}.");
        }

        var served = current.Served;
        return TypedResults.Ok(served.Complete(basket, count).Select(rule => RuleAnswer.Of(rule, served)));
    }

    private static async Task<Ok<IReadOnlyList<RuleRun>>> GetRuleRuns(
        RuleStore rules, CancellationToken cancellation) =>
        TypedResults.Ok(await rules.ReadRunsAsync(20, cancellation));

    private static async Task<Accepted<RuleRun>> PostRuleRun(RuleStore rules, CancellationToken cancellation) =>
        TypedResults.Accepted("/v1/rule-runs", await rules.RequestRunAsync(cancellation));

    private static ValidationProblem Invalid(string text) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["query"] = [text] });
}

/// <summary>A rule with the names of its products.</summary>
internal sealed record RuleAnswer
{
    /// <summary>Products of the left side.</summary>
    public required IReadOnlyList<string> From { get; init; }

    public required IReadOnlyList<string> FromNames { get; init; }

    /// <summary>The product of the right side.</summary>
    public required string To { get; init; }

    public required string ToName { get; init; }

    /// <summary>Share of all baskets with both sides.</summary>
    public required double Support { get; init; }

    /// <summary>Share of the baskets with the left side that hold the right side too.</summary>
    public required double Confidence { get; init; }

    /// <summary>How many times chance.</summary>
    public required double Lift { get; init; }

    /// <summary>Baskets with both sides.</summary>
    public required int Baskets { get; init; }

    public static RuleAnswer Of(MinedRule rule, ServedRules served) => new()
    {
        From = rule.Antecedent,
        FromNames = [.. rule.Antecedent.Select(served.NameOf)],
        To = rule.Consequent,
        ToName = served.NameOf(rule.Consequent),
        Support = rule.Support,
        Confidence = rule.Confidence,
        Lift = rule.Lift,
        Baskets = rule.Baskets,
    };
}
