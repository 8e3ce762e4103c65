using Ecom.Fraud.Rules;

namespace Ecom.Fraud.Lists;

/// <summary>A list of values of one kind, which rules look into by <c>in list("name")</c>.</summary>
internal sealed record EntityList
{
    public required string Name { get; init; }

    /// <summary>The kind of its values: a name of <c>PaymentFacts.TextNames</c>.</summary>
    public required string Entity { get; init; }

    /// <summary>What it does by itself to a payment with a value of it: allow, block, review; null: nothing.</summary>
    public required RuleAction? Action { get; init; }

    public required string Description { get; init; }

    /// <summary>Client of the key that made it.</summary>
    public required string Author { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Entries that have not expired.</summary>
    public required long Entries { get; init; }

    /// <summary>What the list does by itself, as a rule.</summary>
    public NamedRule ToRule() => new()
    {
        // Alerts see by the first word what a reason is about.
        Code = $"{Entity}_list:{Name}",
        Version = 0,
        Rule = new RuleDefinition
        {
            When = $"{Entity} in list(\"{Name}\")",
            Weight = Action == RuleAction.Block ? 1 : 0,
            Action = Action ?? RuleAction.Score,
            Text = $"The {Entity.Replace('_', ' ')} is on the list {Name}.",
        },
    };
}

/// <summary>A value on a list.</summary>
internal sealed record ListEntry
{
    /// <summary>Its id.</summary>
    public required long Position { get; init; }

    public required string List { get; init; }

    /// <summary>The value; of cards, addresses and e-mails ingestion's keyed hash.</summary>
    public required string Value { get; init; }

    /// <summary>Why it is there.</summary>
    public required string Reason { get; init; }

    /// <summary>Client of the key that added it.</summary>
    public required string Author { get; init; }

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>From when on it counts no more; null: never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }
}
