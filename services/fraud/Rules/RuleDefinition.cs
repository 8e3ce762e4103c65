using Ecom.Rules.Evaluation;

namespace Ecom.Fraud.Rules;

/// <summary>What a rule says; a version of a rule never changes it.</summary>
internal sealed record RuleDefinition
{
    private const int LongestText = 500;

    /// <summary>The condition, as written.</summary>
    public required string When { get; init; }

    /// <summary>How much suspicion it adds, from 0 to 1.</summary>
    public required double Weight { get; init; }

    /// <summary>What it does beside.</summary>
    public required RuleAction Action { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Text { get; init; }

    /// <summary>What is wrong, by field; empty if nothing.</summary>
    public Dictionary<string, string[]> Problems(out CompiledRule? compiled)
    {
        var problems = new Dictionary<string, string[]>();
        if (!RuleSchema.Language.TryCompile(When, out compiled, out var diagnostics))
        {
            problems["when"] = [.. diagnostics.Select(diagnostic => diagnostic.ToString())];
        }

        if (When.Contains('\0'))
        {
            problems.TryAdd("when", ["It has a character U+0000."]);
        }

        // A weight of nothing makes sense for a rule that acts.
        if (!(Weight <= 1 && (Action == RuleAction.Score ? Weight > 0 : Weight >= 0)))
        {
            problems["weight"] = ["Must be above 0 and at most 1; 0 too, if the rule has an action."];
        }

        if (!Enum.IsDefined(Action))
        {
            problems["action"] = ["Must be Score, Review, Block or Allow."];
        }

        if (string.IsNullOrWhiteSpace(Text) || Text.Length > LongestText)
        {
            problems["text"] = [$"It needs a text that people can read, of at most {LongestText} characters."];
        }

        return problems;
    }
}

/// <summary>A rule with its name, as rule sets hold it.</summary>
internal sealed record NamedRule
{
    public required string Code { get; init; }

    /// <summary>Its version; 0 for what a list does by itself.</summary>
    public required int Version { get; init; }

    public required RuleDefinition Rule { get; init; }

    /// <summary>As decisions name a shadow rule that held.</summary>
    public string Name => $"{Code}@{Version}";
}
