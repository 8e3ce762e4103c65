using System.Collections.Frozen;
using Ecom.Rules.Syntax;

namespace Ecom.Rules.Evaluation;

/// <summary>A part that gives a number or a boolean: 1 is true, 0 false, NaN missing.</summary>
/// <remarks>One representation for both lets missing values flow through comparisons without a branch.</remarks>
internal abstract class NumberNode
{
    protected const double True = 1;
    protected const double False = 0;

    public abstract double Evaluate(in FeatureVector vector);

    protected static double Truth(bool holds) => holds ? True : False;

    /// <summary>Overflow and a division by zero are missing, never infinite.</summary>
    protected static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;
}

/// <summary>A part that gives a text; null is missing.</summary>
internal abstract class TextNode
{
    public abstract string? Evaluate(in FeatureVector vector);
}

internal sealed class ConstantNode(double value) : NumberNode
{
    public double Value => value;

    public override double Evaluate(in FeatureVector vector) => value;
}

internal sealed class NumberFeatureNode(int slot) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) => Finite(vector.Numbers[slot]);
}

internal sealed class BooleanFeatureNode(int slot) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        var value = vector.Numbers[slot];
        return double.IsFinite(value) ? Truth(value != 0) : double.NaN;
    }
}

internal sealed class NegationNode(NumberNode operand) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) => -operand.Evaluate(vector);
}

internal sealed class ArithmeticNode(ArithmeticOperator operation, NumberNode left, NumberNode right) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        var one = left.Evaluate(vector);
        var other = right.Evaluate(vector);
        return Finite(operation switch
        {
            ArithmeticOperator.Add => one + other,
            ArithmeticOperator.Subtract => one - other,
            ArithmeticOperator.Multiply => one * other,
            _ => one / other,
        });
    }
}

internal sealed class ComparisonNode(ComparisonOperator operation, NumberNode left, NumberNode right) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        var one = left.Evaluate(vector);
        var other = right.Evaluate(vector);

        // Everything compared with NaN is false, except unequal: so that is asked otherwise.
        return Truth(operation switch
        {
            ComparisonOperator.Equal => one == other,
            ComparisonOperator.NotEqual => one < other || one > other,
            ComparisonOperator.Less => one < other,
            ComparisonOperator.AtMost => one <= other,
            ComparisonOperator.Greater => one > other,
            _ => one >= other,
        });
    }
}

internal sealed class TextComparisonNode(bool isEqual, TextNode left, TextNode right) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) =>
        left.Evaluate(vector) is { } one && right.Evaluate(vector) is { } other
            ? Truth(string.Equals(one, other, StringComparison.Ordinal) == isEqual)
            : False;
}

internal sealed class NumberMembershipNode(NumberNode value, FrozenSet<double> items, bool isNegated) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        var number = value.Evaluate(vector);
        return Truth(!double.IsNaN(number) && items.Contains(number) != isNegated);
    }
}

internal sealed class TextMembershipNode(TextNode value, FrozenSet<string> items, bool isNegated) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) =>
        Truth(value.Evaluate(vector) is { } text && items.Contains(text) != isNegated);
}

internal sealed class ListMembershipNode(TextNode value, string list, bool isNegated) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) =>
        Truth(value.Evaluate(vector) is { } text && (vector.Lists?.Invoke(list, text) ?? false) != isNegated);
}

internal sealed class AndNode(NumberNode[] operands) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        foreach (var operand in operands)
        {
            if (operand.Evaluate(vector) != True)
            {
                return False;
            }
        }

        return True;
    }
}

internal sealed class OrNode(NumberNode[] operands) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        foreach (var operand in operands)
        {
            if (operand.Evaluate(vector) == True)
            {
                return True;
            }
        }

        return False;
    }
}

internal sealed class InversionNode(NumberNode operand) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) => Truth(operand.Evaluate(vector) != True);
}

internal sealed class TextConstantNode(string value) : TextNode
{
    public override string? Evaluate(in FeatureVector vector) => value;
}

internal sealed class TextFeatureNode(int slot) : TextNode
{
    public override string? Evaluate(in FeatureVector vector) => vector.Texts[slot];
}
