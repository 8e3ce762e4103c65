using System.Text.Json.Serialization;
using Ecom.Recommendation.Settings;

namespace Ecom.Recommendation.Rules;

/// <summary>A business rule as it is sent and stored. Exactly one of the four effects is stated.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RulePlan
{
    private const int MostValues = 200;

    /// <summary>What it is for, in a few words.</summary>
    public string Title { get; init; } = string.Empty;

    /// <summary>Who answers for it.</summary>
    public string Owner { get; init; } = string.Empty;

    /// <summary>When it stops by itself.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Higher wins where two rules want the same position, or one product twice. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Placements that it holds at; empty: all.</summary>
    public IReadOnlyList<string> Placements { get; init => field = value ?? []; } = [];

    /// <summary>Products that it is about.</summary>
    public RuleCondition When { get; init => field = value ?? new(); } = new();

    /// <summary>Position, from 1, that the first matching product takes.</summary>
    public int? Pin { get; init; }

    /// <summary>
    /// Divides a product's place: 2 brings the tenth to about the fifth, 0.5 the other way. 0.01 to 100.
    /// </summary>
    public double? Boost { get; init; }

    /// <summary>Whether matching products are not shown.</summary>
    public bool? Exclude { get; init; }

    /// <summary>Share of the list, above 0 to 1, that matching products get if there are enough.</summary>
    public double? Promote { get; init; }

    /// <summary>The effect by name.</summary>
    [JsonIgnore]
    public string Effect =>
        Pin is not null ? "pin" : Boost is not null ? "boost" : Exclude is true ? "exclude" : "promote";

    /// <summary>What is wrong, by JSON path; empty when nothing is.</summary>
    /// <param name="now">The rule must end after it.</param>
    /// <param name="placements">Names that there are.</param>
    public Dictionary<string, string[]> Check(DateTimeOffset now, IReadOnlyCollection<string> placements)
    {
        var errors = new Dictionary<string, string[]>();
        errors.CheckText("title", Title);
        errors.CheckText("owner", Owner);
        if (ExpiresAt is null || ExpiresAt <= now)
        {
            errors["expiresAt"] = ["Obligatory, and in the future: a rule that nobody ends is forgotten."];
        }

        foreach (var (index, placement) in (Placements ?? []).Index())
        {
            if (!placements.Contains(placement))
            {
                var known = string.Join(", ", placements.Order(StringComparer.Ordinal));
                errors[$"placements[{index}]"] = [$"\"{placement}\" is unknown. One of: {known}."];
            }
        }

        var effects = new object?[] { Pin, Boost, Exclude, Promote }.Count(effect => effect is not null);
        if (effects != 1 || Exclude is false)
        {
            errors["$"] = ["State exactly one of pin, boost, exclude (true), promote."];
        }

        errors.CheckRange("pin", Pin, 1, 200);
        errors.CheckRange("boost", Boost, 0.01, 100);
        errors.CheckRange("promote", Promote, 0.01, 1);
        CheckCondition(errors);
        return errors;
    }

    private void CheckCondition(Dictionary<string, string[]> errors)
    {
        CheckValues(errors, "when.products", When.Products);
        CheckValues(errors, "when.brands", When.Brands);
        CheckValues(errors, "when.categories", When.Categories);
        if (When.PriceFrom > When.PriceTo)
        {
            errors["when.priceFrom"] = ["Must not be above when.priceTo."];
        }

        if (When.StockFrom > When.StockTo)
        {
            errors["when.stockFrom"] = ["Must not be above when.stockTo."];
        }

        if (When.Visitor is not (null or "known" or "anonymous"))
        {
            errors["when.visitor"] = ["One of: known, anonymous."];
        }

        if (When.IsEmpty)
        {
            errors["when"] = ["State which products: products, brands, categories, price or stock."];
        }
    }

    private static void CheckValues(Dictionary<string, string[]> errors, string path, IReadOnlyList<string>? values)
    {
        if (values is { Count: > MostValues })
        {
            errors[path] = [$"At most {MostValues}."];
        }

        foreach (var (index, value) in (values ?? []).Index())
        {
            errors.CheckText($"{path}[{index}]", value);
        }
    }
}

/// <summary>Which products: every stated condition must hold, one of several values is enough.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RuleCondition
{
    public IReadOnlyList<string> Products { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Brands { get; init => field = value ?? []; } = [];

    /// <summary>A category holds those below it: "Home" holds "Home / Lights".</summary>
    public IReadOnlyList<string> Categories { get; init => field = value ?? []; } = [];

    /// <summary>Minor units of the base currency, included.</summary>
    public long? PriceFrom { get; init; }

    public long? PriceTo { get; init; }

    /// <summary>Units on hand, included; unknown stock fits no bound.</summary>
    public int? StockFrom { get; init; }

    public int? StockTo { get; init; }

    /// <summary>known or anonymous; null: everybody.</summary>
    public string? Visitor { get; init; }

    /// <summary>Whether it says nothing of products.</summary>
    [JsonIgnore]
    public bool IsEmpty =>
        Products is not { Count: > 0 } && Brands is not { Count: > 0 } && Categories is not { Count: > 0 }
        && PriceFrom is null && PriceTo is null && StockFrom is null && StockTo is null;
}

/// <summary>A rule with its state.</summary>
internal sealed record Rule
{
    public required long Number { get; init; }

    public required int Version { get; init; }

    /// <summary>draft, active or retired.</summary>
    public required string State { get; init; }

    public required RulePlan Plan { get; init; }

    public required string ChangedBy { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Whether it holds at a moment: expired rules stop by themselves.</summary>
    public bool HoldsAt(DateTimeOffset now) => State == "active" && Plan.ExpiresAt > now;
}
