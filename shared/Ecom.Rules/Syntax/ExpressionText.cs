using System.Globalization;
using System.Text;

namespace Ecom.Rules.Syntax;

/// <summary>Writes trees in the text form: one spelling for each tree, which reads back as the same tree.</summary>
public static class ExpressionText
{
    private const int OrLevel = 1;
    private const int AndLevel = 2;
    private const int NotLevel = 3;
    private const int ComparisonLevel = 4;
    private const int SumLevel = 5;
    private const int ProductLevel = 6;
    private const int UnaryLevel = 7;
    private const int PrimaryLevel = 8;

    /// <summary>The text form, with as few parentheses as its meaning needs.</summary>
    public static string Write(Expression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var text = new StringBuilder();
        Write(text, expression, OrLevel);
        return text.ToString();
    }

    /// <summary>A comparison's sign.</summary>
    public static string SymbolOf(ComparisonOperator operation) => operation switch
    {
        ComparisonOperator.Equal => "==",
        ComparisonOperator.NotEqual => "!=",
        ComparisonOperator.Less => "<",
        ComparisonOperator.AtMost => "<=",
        ComparisonOperator.Greater => ">",
        ComparisonOperator.AtLeast => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    /// <summary>The sign of an arithmetic operator.</summary>
    public static string SymbolOf(ArithmeticOperator operation) => operation switch
    {
        ArithmeticOperator.Add => "+",
        ArithmeticOperator.Subtract => "-",
        ArithmeticOperator.Multiply => "*",
        ArithmeticOperator.Divide => "/",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    internal static string Shown(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static void Write(StringBuilder text, Expression expression, int least)
    {
        var isWrapped = LevelOf(expression) < least;
        text.Append(isWrapped ? "(" : "");
        switch (expression)
        {
            case Junction junction:
                WriteAll(
                    text, junction.Operands, junction.Operator == LogicalOperator.Or ? " or " : " and ",
                    LevelOf(junction) + 1);
                break;
            case Inversion inversion:
                text.Append("not ");
                Write(text, inversion.Operand, NotLevel);
                break;
            case Comparison comparison:
                WriteBinary(
                    text, comparison.Left, SymbolOf(comparison.Operator), comparison.Right, SumLevel, SumLevel);
                break;
            case Membership membership:
                WriteMembership(text, membership);
                break;
            case Arithmetic arithmetic:
                var level = LevelOf(arithmetic);
                WriteBinary(text, arithmetic.Left, SymbolOf(arithmetic.Operator), arithmetic.Right, level, level + 1);
                break;
            case Negation negation:
                // A minus right before a number would be read as the number's own.
                text.Append('-');
                Write(text, negation.Operand, negation.Operand is NumberLiteral ? PrimaryLevel + 1 : UnaryLevel);
                break;
            case Call call:
                text.Append(call.Function).Append('(');
                WriteAll(text, call.Arguments, ", ", OrLevel);
                text.Append(')');
                break;
            default:
                WriteLeaf(text, expression);
                break;
        }

        text.Append(isWrapped ? ")" : "");
    }

    private static void WriteLeaf(StringBuilder text, Expression expression)
    {
        switch (expression)
        {
            case NumberLiteral number:
                text.Append(Shown(number.Value));
                break;
            case TextLiteral literal:
                WriteText(text, literal.Value);
                break;
            case BooleanLiteral boolean:
                text.Append(boolean.Value ? "true" : "false");
                break;
            case FeatureReference feature:
                text.Append(feature.Name);
                break;
            default:
                throw new ArgumentException($"Unknown part {expression.GetType().Name}.", nameof(expression));
        }
    }

    private static void WriteMembership(StringBuilder text, Membership membership)
    {
        Write(text, membership.Value, SumLevel);
        text.Append(membership.IsNegated ? " not in " : " in ");
        if (membership.Items is { } items)
        {
            text.Append('(');
            WriteAll(text, items, ", ", UnaryLevel);
            text.Append(')');
            return;
        }

        text.Append("list(");
        WriteText(text, membership.List!);
        text.Append(')');
    }

    private static void WriteAll(StringBuilder text, IReadOnlyList<Expression> parts, string between, int least)
    {
        foreach (var (index, part) in parts.Index())
        {
            text.Append(index > 0 ? between : "");
            Write(text, part, least);
        }
    }

    private static void WriteBinary(
        StringBuilder text, Expression left, string symbol, Expression right, int leastLeft, int leastRight)
    {
        Write(text, left, leastLeft);
        text.Append(' ').Append(symbol).Append(' ');
        Write(text, right, leastRight);
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }

    private static int LevelOf(Expression expression) => expression switch
    {
        Junction { Operator: LogicalOperator.Or } => OrLevel,
        Junction => AndLevel,
        Inversion => NotLevel,
        Comparison or Membership => ComparisonLevel,
        Arithmetic { Operator: ArithmeticOperator.Add or ArithmeticOperator.Subtract } => SumLevel,
        Arithmetic => ProductLevel,
        Negation => UnaryLevel,
        NumberLiteral number when double.IsNegative(number.Value) => UnaryLevel,
        _ => PrimaryLevel,
    };
}
