using Ecom.Rules.Syntax;

namespace Ecom.Rules.Checking;

/// <summary>What judging a rule can cost at most, known before it ever runs.</summary>
/// <param name="Nodes">Parts of the tree.</param>
/// <param name="Depth">Parts within one another, at most.</param>
/// <param name="Cost">
/// Sum over all parts: 1, but 0 for literals, 4 for a look into items, 10 into a list, and for a function its own;
/// <c>contains</c>, the dearest, 20.
/// </param>
public readonly record struct RuleCost(int Nodes, int Depth, int Cost)
{
    /// <summary>Measures a tree.</summary>
    public static RuleCost Of(Expression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var own = expression switch
        {
            NumberLiteral or TextLiteral or BooleanLiteral => 0,
            Membership { List: null } => 4,
            Membership => 10,
            Call call => Function.Find(call.Function)?.Cost ?? 1,
            _ => 1,
        };
        var total = new RuleCost(1, 0, own);
        foreach (var part in PartsOf(expression))
        {
            var one = Of(part);
            total = new RuleCost(total.Nodes + one.Nodes, Math.Max(total.Depth, one.Depth), total.Cost + one.Cost);
        }

        return total with { Depth = total.Depth + 1 };
    }

    /// <summary>What is too much, at the whole rule's place; empty if nothing.</summary>
    internal IEnumerable<Diagnostic> Excesses(RuleLimits limits, SourceSpan whole)
    {
        if (Nodes > limits.Nodes)
        {
            yield return Excess(whole, $"has {Nodes} parts, the limit is {limits.Nodes}");
        }

        if (Depth > limits.Depth)
        {
            yield return Excess(whole, $"is nested {Depth} deep, the limit is {limits.Depth}");
        }

        if (Cost > limits.Cost)
        {
            yield return Excess(whole, $"costs {Cost}, the limit is {limits.Cost}");
        }
    }

    /// <summary>The parts right below a part.</summary>
    internal static IEnumerable<Expression> PartsOf(Expression expression) => expression switch
    {
        Negation negation => [negation.Operand],
        Inversion inversion => [inversion.Operand],
        Arithmetic arithmetic => [arithmetic.Left, arithmetic.Right],
        Comparison comparison => [comparison.Left, comparison.Right],
        Membership membership => (membership.Items ?? []).Prepend(membership.Value),
        Junction junction => junction.Operands,
        Call call => call.Arguments,
        _ => [],
    };

    private static Diagnostic Excess(SourceSpan whole, string what) =>
        Diagnostic.At(whole, "too-expensive", $"The rule is too expensive: it {what}.");
}
