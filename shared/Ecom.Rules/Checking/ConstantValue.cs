using Ecom.Rules.Syntax;

namespace Ecom.Rules.Checking;

/// <summary>What is known of a number without looking at any feature.</summary>
internal static class ConstantValue
{
    /// <summary>
    /// Whether a number is always zero, or becomes the constant zero on one of its ways: <c>2 - 2</c>,
    /// <c>amount * 0</c>, <c>amount - amount</c>, <c>coalesce(amount, 0)</c>, <c>max(amount, 0)</c>.
    /// </summary>
    public static bool CanBeZero(Expression number) => Of(number) == 0 || number switch
    {
        Negation negation => CanBeZero(negation.Operand),
        Arithmetic { Operator: ArithmeticOperator.Multiply } product =>
            CanBeZero(product.Left) || CanBeZero(product.Right),
        Arithmetic { Operator: ArithmeticOperator.Divide } quotient => CanBeZero(quotient.Left),
        Arithmetic { Operator: ArithmeticOperator.Subtract } difference =>
            ExpressionText.Write(difference.Left) == ExpressionText.Write(difference.Right),
        Call { Function: "if" } choice => choice.Arguments.Skip(1).Any(CanBeZero),
        Call { Function: "length" } => false,
        Call call => call.Arguments.Any(argument => IsNumber(argument) && CanBeZero(argument)),
        _ => false,
    };

    /// <summary>The number that it always is; null if it depends on features, or is missing.</summary>
    public static double? Of(Expression number) => number switch
    {
        NumberLiteral literal => literal.Value,
        Negation negation => -Of(negation.Operand),
        Arithmetic arithmetic => Finite(arithmetic.Operator switch
        {
            ArithmeticOperator.Add => Of(arithmetic.Left) + Of(arithmetic.Right),
            ArithmeticOperator.Subtract => Of(arithmetic.Left) - Of(arithmetic.Right),
            ArithmeticOperator.Multiply => Of(arithmetic.Left) * Of(arithmetic.Right),
            _ => Of(arithmetic.Left) / Of(arithmetic.Right),
        }),
        Call call => OfCall(call),
        _ => null,
    };

    private static double? OfCall(Call call)
    {
        if (call is { Function: "length", Arguments: [TextLiteral text] })
        {
            return text.Value.Length;
        }

        if (call.Arguments.Count == 0 || !call.Arguments.All(IsNumber))
        {
            return null;
        }

        var arguments = call.Arguments.Select(Of).ToArray();
        if (arguments.Contains(null))
        {
            return null;
        }

        return Finite(call.Function switch
        {
            "abs" => Math.Abs(arguments[0]!.Value),
            "floor" => Math.Floor(arguments[0]!.Value),
            "ceil" => Math.Ceiling(arguments[0]!.Value),
            "round" => Math.Round(arguments[0]!.Value, MidpointRounding.AwayFromZero),
            "sqrt" => Math.Sqrt(arguments[0]!.Value),
            "log" => Math.Log(arguments[0]!.Value),
            "min" => arguments.Min(),
            "max" => arguments.Max(),
            "coalesce" => arguments[0],
            _ => null,
        });
    }

    private static bool IsNumber(Expression argument) =>
        argument is NumberLiteral or Negation or Arithmetic or FeatureReference or Call;

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
