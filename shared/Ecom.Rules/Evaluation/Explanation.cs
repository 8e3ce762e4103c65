using Ecom.Rules.Syntax;

namespace Ecom.Rules.Evaluation;

/// <summary>Why a rule holds for a vector, or not.</summary>
public sealed record Explanation
{
    /// <summary>Whether the rule holds.</summary>
    public required bool Holds { get; init; }

    /// <summary>
    /// Its conditions, the parts that <c>and</c>, <c>or</c> and <c>not</c> join, in the order of the text. Each is
    /// judged on its own, also where the rule was decided before it.
    /// </summary>
    public required IReadOnlyList<ExplainedCondition> Conditions { get; init; }
}

/// <summary>A condition of a rule, judged.</summary>
public sealed record ExplainedCondition
{
    /// <summary>The condition, in the text form.</summary>
    public required string Text { get; init; }

    /// <summary>Where it stands in the rule.</summary>
    public required SourceSpan Span { get; init; }

    /// <summary>Whether it holds.</summary>
    public required bool Holds { get; init; }

    /// <summary>Left side of a comparison of numbers; null otherwise, and if it is missing.</summary>
    public required double? Value { get; init; }

    /// <summary>Right side of a comparison of numbers; null otherwise, and if it is missing.</summary>
    public required double? Threshold { get; init; }

    /// <summary>The features that it names, each once, in the order of the text.</summary>
    public required IReadOnlyList<ExplainedFeature> Features { get; init; }
}

/// <summary>A feature's value.</summary>
public sealed record ExplainedFeature
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value if it is a number; a boolean is 1 or 0; null if missing.</summary>
    public required double? Number { get; init; }

    /// <summary>Its value if it is a text; null if missing.</summary>
    public required string? Text { get; init; }
}
