namespace Ecom.Rules.Evaluation;

internal enum NumberFunction
{
    Abs,
    Floor,
    Ceil,
    Round,
    Sqrt,
    Log,
}

internal sealed class NumberFunctionNode(NumberFunction function, NumberNode argument) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        var value = argument.Evaluate(vector);
        return Finite(function switch
        {
            NumberFunction.Abs => Math.Abs(value),
            NumberFunction.Floor => Math.Floor(value),
            NumberFunction.Ceil => Math.Ceiling(value),
            NumberFunction.Round => Math.Round(value, MidpointRounding.AwayFromZero),
            NumberFunction.Sqrt => Math.Sqrt(value),
            _ => Math.Log(value),
        });
    }
}

/// <summary>The smallest or largest; missing if one is missing.</summary>
internal sealed class ExtremeNode(bool isLargest, NumberNode[] arguments) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        // Math.Min and Math.Max give NaN as soon as one is NaN.
        var extreme = arguments[0].Evaluate(vector);
        foreach (var argument in arguments.AsSpan(1))
        {
            var value = argument.Evaluate(vector);
            extreme = isLargest ? Math.Max(extreme, value) : Math.Min(extreme, value);
        }

        return extreme;
    }
}

internal sealed class LengthNode(TextNode argument) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) => argument.Evaluate(vector)?.Length ?? double.NaN;
}

internal enum TextFunction
{
    StartsWith,
    EndsWith,
    Contains,
}

internal sealed class TextFunctionNode(TextFunction function, TextNode text, TextNode part) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        if (text.Evaluate(vector) is not { } whole || part.Evaluate(vector) is not { } wanted)
        {
            return False;
        }

        return Truth(function switch
        {
            TextFunction.StartsWith => whole.StartsWith(wanted, StringComparison.Ordinal),
            TextFunction.EndsWith => whole.EndsWith(wanted, StringComparison.Ordinal),
            _ => whole.Contains(wanted, StringComparison.Ordinal),
        });
    }
}

internal sealed class MissingNode(NumberNode argument) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) => Truth(double.IsNaN(argument.Evaluate(vector)));
}

internal sealed class MissingTextNode(TextNode argument) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) => Truth(argument.Evaluate(vector) is null);
}

internal sealed class CoalesceNode(NumberNode[] arguments) : NumberNode
{
    public override double Evaluate(in FeatureVector vector)
    {
        foreach (var argument in arguments)
        {
            var value = argument.Evaluate(vector);
            if (!double.IsNaN(value))
            {
                return value;
            }
        }

        return double.NaN;
    }
}

internal sealed class CoalesceTextNode(TextNode[] arguments) : TextNode
{
    public override string? Evaluate(in FeatureVector vector)
    {
        foreach (var argument in arguments)
        {
            if (argument.Evaluate(vector) is { } text)
            {
                return text;
            }
        }

        return null;
    }
}

internal sealed class ChoiceNode(NumberNode condition, NumberNode whenTrue, NumberNode otherwise) : NumberNode
{
    public override double Evaluate(in FeatureVector vector) =>
        condition.Evaluate(vector) == True ? whenTrue.Evaluate(vector) : otherwise.Evaluate(vector);
}

internal sealed class ChoiceTextNode(NumberNode condition, TextNode whenTrue, TextNode otherwise) : TextNode
{
    public override string? Evaluate(in FeatureVector vector) =>
        condition.Evaluate(vector) == 1 ? whenTrue.Evaluate(vector) : otherwise.Evaluate(vector);
}
