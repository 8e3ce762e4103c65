using System.Text.Json;

namespace Ecom.Rules.Syntax;

/// <summary>
/// Writes trees in the JSON form: objects whose <c>kind</c> says what they are. docs/rules.md shows each kind.
/// </summary>
public static class ExpressionJson
{
    /// <summary>The JSON form.</summary>
    public static JsonElement ToElement(Expression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, expression);
        }

        using var document = JsonDocument.Parse(buffer.ToArray(), new JsonDocumentOptions { MaxDepth = 1_000 });
        return document.RootElement.Clone();
    }

    private static void Write(Utf8JsonWriter writer, Expression expression)
    {
        writer.WriteStartObject();
        switch (expression)
        {
            case NumberLiteral number:
                writer.WriteString("kind", "number");
                writer.WriteNumber("value", number.Value);
                break;
            case TextLiteral literal:
                writer.WriteString("kind", "text");
                writer.WriteString("value", literal.Value);
                break;
            case BooleanLiteral boolean:
                writer.WriteString("kind", "boolean");
                writer.WriteBoolean("value", boolean.Value);
                break;
            case FeatureReference feature:
                writer.WriteString("kind", "feature");
                writer.WriteString("name", feature.Name);
                break;
            case Negation negation:
                writer.WriteString("kind", "negate");
                WriteOne(writer, "of", negation.Operand);
                break;
            case Arithmetic arithmetic:
                writer.WriteString("kind", "arithmetic");
                WriteBinary(
                    writer, ExpressionText.SymbolOf(arithmetic.Operator), arithmetic.Left, arithmetic.Right);
                break;
            case Comparison comparison:
                writer.WriteString("kind", "compare");
                WriteBinary(
                    writer, ExpressionText.SymbolOf(comparison.Operator), comparison.Left, comparison.Right);
                break;
            default:
                WriteLogic(writer, expression);
                break;
        }

        writer.WriteEndObject();
    }

    private static void WriteLogic(Utf8JsonWriter writer, Expression expression)
    {
        switch (expression)
        {
            case Membership membership:
                writer.WriteString("kind", membership.IsNegated ? "not-in" : "in");
                WriteOne(writer, "value", membership.Value);
                if (membership.Items is { } items)
                {
                    WriteAll(writer, "items", items);
                }
                else
                {
                    writer.WriteString("list", membership.List);
                }

                break;
            case Junction junction:
                writer.WriteString("kind", junction.Operator == LogicalOperator.And ? "and" : "or");
                WriteAll(writer, "of", junction.Operands);
                break;
            case Inversion inversion:
                writer.WriteString("kind", "not");
                WriteOne(writer, "of", inversion.Operand);
                break;
            case Call call:
                writer.WriteString("kind", "call");
                writer.WriteString("function", call.Function);
                WriteAll(writer, "arguments", call.Arguments);
                break;
            default:
                throw new ArgumentException($"Unknown part {expression.GetType().Name}.", nameof(expression));
        }
    }

    private static void WriteOne(Utf8JsonWriter writer, string name, Expression part)
    {
        writer.WritePropertyName(name);
        Write(writer, part);
    }

    private static void WriteAll(Utf8JsonWriter writer, string name, IReadOnlyList<Expression> parts)
    {
        writer.WriteStartArray(name);
        foreach (var part in parts)
        {
            Write(writer, part);
        }

        writer.WriteEndArray();
    }

    private static void WriteBinary(Utf8JsonWriter writer, string symbol, Expression left, Expression right)
    {
        writer.WriteString("operator", symbol);
        WriteOne(writer, "left", left);
        WriteOne(writer, "right", right);
    }
}
