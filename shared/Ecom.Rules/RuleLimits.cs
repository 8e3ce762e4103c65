namespace Ecom.Rules;

/// <summary>How large and how expensive a rule may be: a rule of a user must never slow a payment down.</summary>
public sealed record RuleLimits
{
    /// <summary>The limits that hold unless the host gives others.</summary>
    public static RuleLimits Default { get; } = new();

    /// <summary>Characters of the text form. Default 4,000.</summary>
    public int Characters { get; init; } = 4_000;

    /// <summary>Parts of the tree, items of lists included. Default 500.</summary>
    public int Nodes { get; init; } = 500;

    /// <summary>
    /// Parts within one another, parentheses included. Default 32; more than 200 the stack may not bear.
    /// </summary>
    public int Depth { get; init; } = 32;

    /// <summary>Sum of the cost of all parts; a comparison costs 1. Default 500.</summary>
    public int Cost { get; init; } = 500;
}
