using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Settings;
using Microsoft.AspNetCore.Mvc;

namespace Ecom.Recommendation.Endpoints;

/// <summary>The parameters of a question for recommendations, as they come.</summary>
internal readonly struct RecommendationQuery
{
    private const int LongestId = 100;
    private const int MostIds = 50;
    private const int LongestPair = (2 * LongestId) + 1;

    public RecommendationQuery()
    {
    }

    /// <summary>Name of a placement: GET /v1/placements lists them. Default home.</summary>
    [FromQuery(Name = "placement")]
    public string? Placement { get; init; }

    /// <summary>Known customer.</summary>
    [FromQuery(Name = "customerId")]
    public string? CustomerId { get; init; }

    /// <summary>Browser id, for visitors who are not known.</summary>
    [FromQuery(Name = "anonymousId")]
    public string? AnonymousId { get; init; }

    /// <summary>The product that is shown; needed for placement "product".</summary>
    [FromQuery(Name = "productId")]
    public string? ProductId { get; init; }

    /// <summary>Products in the cart, repeated or comma separated; needed for placement "cart".</summary>
    [FromQuery(Name = "cart")]
    public string[]? Cart { get; init; }

    /// <summary>Products wanted, 1 to the configured longest answer. Default: the placement's.</summary>
    [FromQuery(Name = "count")]
    public int? Count { get; init; }

    /// <summary>Only these categories, repeated; a category holds those below it.</summary>
    [FromQuery(Name = "category")]
    public string[]? Category { get; init; }

    /// <summary>Only these brands, repeated.</summary>
    [FromQuery(Name = "brand")]
    public string[]? Brand { get; init; }

    /// <summary>Only with these attributes, as name:value, repeated; of one name one value is enough.</summary>
    [FromQuery(Name = "attribute")]
    public string[]? Attribute { get; init; }

    /// <summary>Lowest price, in minor units of the base currency.</summary>
    [FromQuery(Name = "priceMin")]
    public long? PriceMin { get; init; }

    /// <summary>Highest price, in minor units of the base currency.</summary>
    [FromQuery(Name = "priceMax")]
    public long? PriceMax { get; init; }

    /// <summary>Products never to answer, repeated.</summary>
    [FromQuery(Name = "exclude")]
    public string[]? Exclude { get; init; }

    /// <summary>
    /// True: a filter that too few products fit gives a short answer; false: others follow. Default: the placement's.
    /// </summary>
    [FromQuery(Name = "strict")]
    public bool? Strict { get; init; }

    /// <summary>The next of an earlier answer: products of its pages are not repeated.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    /// <summary>The question, checked.</summary>
    /// <param name="settings">The placements.</param>
    /// <param name="longestAnswer">Most products of an answer.</param>
    /// <param name="errors">What is wrong, by parameter; null if nothing is.</param>
    public RecommendationRequest? Check(
        SettingsSnapshot settings, int longestAnswer, out Dictionary<string, string[]>? errors)
    {
        errors = null;
        var found = settings.Find(Placement ?? "home");
        long? unit = null;
        var arm = found is null
            ? null
            : settings.ArmOf(found, NullIfEmpty(CustomerId), NullIfEmpty(AnonymousId), out unit);
        var count = Count ?? (arm?.Placement ?? found)?.Count ?? 1;
        var cart = Anchors();
        if (found is null)
        {
            Wrong(ref errors, "placement", $"Unknown. One of: {settings.PlacementNames()}.");
        }

        if (count < 1 || count > longestAnswer)
        {
            Wrong(ref errors, "count", $"Must be between 1 and {longestAnswer}.");
        }

        if (!FitsAsId(CustomerId))
        {
            Wrong(ref errors, "customerId", $"At most {LongestId} characters.");
        }

        if (!FitsAsId(AnonymousId))
        {
            Wrong(ref errors, "anonymousId", $"At most {LongestId} characters.");
        }

        CheckIds(ref errors, "cart", cart);
        CheckIds(ref errors, "exclude", Exclude ?? []);
        CheckIds(ref errors, "category", Category ?? []);
        CheckIds(ref errors, "brand", Brand ?? []);
        CheckAttributes(ref errors, Attribute ?? []);
        if (PriceMin > PriceMax)
        {
            Wrong(ref errors, "priceMin", "Must not be above priceMax.");
        }

        var cursor = string.IsNullOrEmpty(Cursor) ? null : PageCursor.Parse(Cursor);
        if (cursor is null && !string.IsNullOrEmpty(Cursor))
        {
            Wrong(ref errors, "cursor", "Not the next of an answer.");
        }

        return errors is not null || found is null
            ? null
            : ToRequest(
                arm?.Placement ?? found, arm, unit, arm?.Rules ?? settings.RulesOf(found.Name), cart, count, cursor);
    }

    private RecommendationRequest ToRequest(
        Placement placement,
        Arm? arm,
        long? unit,
        RuleSet rules,
        IReadOnlyList<string> anchors,
        int count,
        PageCursor? cursor)
    {
        var filter = new ProductFilter
        {
            Categories = Category ?? [],
            Brands = Brand ?? [],
            Attributes = Attribute ?? [],
            PriceMin = PriceMin,
            PriceMax = PriceMax,
        };
        return new RecommendationRequest
        {
            Placement = placement,
            Rules = rules,
            Arm = arm,
            Unit = unit,
            CustomerId = NullIfEmpty(CustomerId),
            AnonymousId = NullIfEmpty(AnonymousId),
            Anchors = anchors,
            Count = count,
            Filter = filter.IsEmpty ? null : filter,
            Strict = Strict ?? placement.Strict,
            Exclude = Exclude ?? [],
            Cursor = cursor,
        };
    }

    private IReadOnlyList<string> Anchors()
    {
        if (Cart is not { Length: > 0 } cart)
        {
            return string.IsNullOrEmpty(ProductId) ? [] : [ProductId];
        }

        return [.. cart
            .SelectMany(part => part.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Prepend(ProductId ?? string.Empty)
            .Where(id => id.Length > 0)
            .Distinct(StringComparer.Ordinal)];
    }

    private static void CheckIds(
        ref Dictionary<string, string[]>? errors, string name, IReadOnlyList<string> ids)
    {
        if (ids.Count > MostIds || ids.Any(id => !FitsAsId(id)))
        {
            Wrong(ref errors, name, $"At most {MostIds} values of at most {LongestId} characters.");
        }
    }

    private static void CheckAttributes(ref Dictionary<string, string[]>? errors, IReadOnlyList<string> attributes)
    {
        if (attributes.Count > MostIds
            || attributes.Any(one => one.IndexOf(':') is not (>= 1 and <= LongestId) || one.Length > LongestPair))
        {
            Wrong(ref errors, "attribute", $"At most {MostIds} values of the form name:value.");
        }
    }

    private static bool FitsAsId(string? id) => id is null || id.Length <= LongestId;

    private static void Wrong(ref Dictionary<string, string[]>? errors, string name, string message) =>
        (errors ??= [])[name] = [message];

    private static string? NullIfEmpty(string? id) => string.IsNullOrEmpty(id) ? null : id;
}
