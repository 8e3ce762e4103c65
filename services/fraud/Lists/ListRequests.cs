using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;

namespace Ecom.Fraud.Lists;

/// <summary>A new list.</summary>
internal sealed record ListRequest
{
    private const int LongestDescription = 500;

    public string? Name { get; init; }

    /// <summary>The kind of its values: a text that rules can name.</summary>
    public string? Entity { get; init; }

    /// <summary>What it does by itself to a payment of its entity; null: only rules look into it.</summary>
    public RuleAction? Action { get; init; }

    public string? Description { get; init; }

    /// <summary>What is wrong, by field; empty if nothing.</summary>
    public Dictionary<string, string[]> Problems()
    {
        var problems = new Dictionary<string, string[]>();
        if (!RuleCode.IsRight(Name))
        {
            problems["name"] = [RuleCode.Wanted];
        }

        if (!PaymentFacts.TextNames.Contains(Entity))
        {
            problems["entity"] = [$"One of: {string.Join(", ", PaymentFacts.TextNames)}."];
        }

        if (string.IsNullOrWhiteSpace(Description) || Description.Length > LongestDescription)
        {
            problems["description"] =
                [$"Required: what the list is for, at most {LongestDescription} characters."];
        }

        return problems;
    }
}

/// <summary>A value for a list.</summary>
internal sealed record ListEntryRequest
{
    /// <summary>The value in clear; cards (fingerprint or number), addresses and e-mails are hashed at once.</summary>
    public string? Value { get; init; }

    /// <summary>Or ingestion's keyed hash of it.</summary>
    public string? Hash { get; init; }

    /// <summary>Why it is on the list.</summary>
    public string? Reason { get; init; }

    /// <summary>From when on it counts no more; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
