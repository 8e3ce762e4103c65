using Ecom.Rules.Syntax;

namespace Ecom.UnitTests.Rules;

/// <summary>
/// Says what a rule means in the plainest way, by boxed values with null for missing; slow, and independent of the
/// evaluator that it judges.
/// </summary>
internal static class ReferenceEvaluator
{
    public static bool Holds(Expression rule, Vector vector) => Value(rule, vector) is true;

    private static object? Value(Expression expression, Vector vector)
    {
        switch (expression)
        {
            case NumberLiteral literal:
                return literal.Value;
            case TextLiteral literal:
                return literal.Value;
            case BooleanLiteral literal:
                return literal.Value;
            case FeatureReference feature:
                return vector[feature.Name] is int whole ? (double)whole : vector[feature.Name];
            case Negation negation:
                return -(double?)Value(negation.Operand, vector);
            case Inversion inversion:
                return Value(inversion.Operand, vector) is not true;
            case Junction { Operator: LogicalOperator.And } junction:
                return junction.Operands.All(operand => Value(operand, vector) is true);
            case Junction junction:
                return junction.Operands.Any(operand => Value(operand, vector) is true);
            case Arithmetic arithmetic:
                return Number(arithmetic, vector);
            case Comparison comparison:
                return Compare(
                    comparison.Operator, Value(comparison.Left, vector), Value(comparison.Right, vector));
            case Membership membership:
                return Contains(membership, Value(membership.Value, vector), vector);
            case Call call:
                return OfCall(call, vector);
            default:
                throw new NotSupportedException();
        }
    }

    private static object? Number(Arithmetic arithmetic, Vector vector)
    {
        if (Value(arithmetic.Left, vector) is not double left || Value(arithmetic.Right, vector) is not double right)
        {
            return null;
        }

        if (arithmetic.Operator == ArithmeticOperator.Divide && right == 0)
        {
            return null;
        }

        return Finite(arithmetic.Operator switch
        {
            ArithmeticOperator.Add => left + right,
            ArithmeticOperator.Subtract => left - right,
            ArithmeticOperator.Multiply => left * right,
            _ => left / right,
        });
    }

    private static bool Compare(ComparisonOperator operation, object? left, object? right)
    {
        if (left is null || right is null)
        {
            return false;
        }

        var order = left is string one
            ? string.CompareOrdinal(one, (string)right)
            : Comparer<object>.Default.Compare(left, right);
        return operation switch
        {
            ComparisonOperator.Equal => order == 0,
            ComparisonOperator.NotEqual => order != 0,
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.AtMost => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
    }

    private static bool Contains(Membership membership, object? value, Vector vector)
    {
        if (value is null)
        {
            return false;
        }

        var isThere = membership.List is { } list
            ? vector.IsListed(list, (string)value)
            : membership.Items!.Any(item => Compare(ComparisonOperator.Equal, value, Value(item, vector)));
        return isThere != membership.IsNegated;
    }

    private static object? OfCall(Call call, Vector vector)
    {
        var arguments = call.Arguments.Select(argument => Value(argument, vector)).ToArray();
        switch (call.Function)
        {
            case "is_missing":
                return arguments[0] is null;
            case "coalesce":
                return arguments.FirstOrDefault(argument => argument is not null);
            case "if":
                return arguments[0] is true ? arguments[1] : arguments[2];
            case "starts_with" or "ends_with" or "contains" when arguments.Contains(null):
                return false;
            case var _ when arguments.Contains(null):
                return null;
            case "starts_with":
                return ((string)arguments[0]!).StartsWith((string)arguments[1]!, StringComparison.Ordinal);
            case "ends_with":
                return ((string)arguments[0]!).EndsWith((string)arguments[1]!, StringComparison.Ordinal);
            case "contains":
                return ((string)arguments[0]!).Contains((string)arguments[1]!, StringComparison.Ordinal);
            case "length":
                return (double)((string)arguments[0]!).Length;
            case "min":
                return arguments.Min(argument => (double)argument!);
            case "max":
                return arguments.Max(argument => (double)argument!);
            default:
                return Finite(OfNumber(call.Function, (double)arguments[0]!));
        }
    }

    private static double OfNumber(string function, double number) => function switch
    {
        "abs" => Math.Abs(number),
        "floor" => Math.Floor(number),
        "ceil" => Math.Ceiling(number),
        "round" => Math.Round(number, MidpointRounding.AwayFromZero),
        "sqrt" => Math.Sqrt(number),
        "log" => Math.Log(number),
        _ => throw new NotSupportedException(function),
    };

    private static object? Finite(double number) => double.IsFinite(number) ? number : null;
}
