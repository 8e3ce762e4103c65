namespace Ecom.Fraud.Rules;

/// <summary>A version of a rule as it is stored.</summary>
internal sealed record StoredRule
{
    public required string Code { get; init; }

    public required int Version { get; init; }

    /// <summary>draft, shadow, active or retired.</summary>
    public required string State { get; init; }

    public required string When { get; init; }

    public required double Weight { get; init; }

    public required RuleAction Action { get; init; }

    public required string Text { get; init; }

    /// <summary>Why there is this version.</summary>
    public required string? Note { get; init; }

    /// <summary>Client of the key that drafted it; <c>configuration</c> for rules of the configuration.</summary>
    public required string Author { get; init; }

    /// <summary>Client of the key that activated it; null if nobody did.</summary>
    public required string? Approver { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when it runs, or last ran, in the shadow.</summary>
    public required DateTimeOffset? ShadowAt { get; init; }

    /// <summary>When it was last activated; null if it never was.</summary>
    public required DateTimeOffset? ActivatedAt { get; init; }

    public required DateTimeOffset? RetiredAt { get; init; }

    /// <summary>Client of the key that took it out, or activated another version; null while it is in.</summary>
    public required string? RetiredBy { get; init; }

    public NamedRule ToNamed() => new()
    {
        Code = Code,
        Version = Version,
        Rule = new RuleDefinition { When = When, Weight = Weight, Action = Action, Text = Text },
    };
}

/// <summary>What became of a wish to change a rule or list.</summary>
/// <param name="Changed">As it is now; null if there is none of the name, or the change was refused.</param>
/// <param name="Refusal">Why not; null if there is none of the name, or it was changed.</param>
internal readonly record struct ChangeResult<T>(T? Changed, string? Refusal = null)
    where T : class;

/// <summary>A change of a rule or list.</summary>
internal sealed record RuleChange
{
    public required long Position { get; init; }

    /// <summary>The version that it is about; null for lists.</summary>
    public required int? Version { get; init; }

    /// <summary>What happened: drafted, shadowed, activated, retired, rolled back; added, removed.</summary>
    public required string Change { get; init; }

    /// <summary>Client of the key that did it.</summary>
    public required string ChangedBy { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
