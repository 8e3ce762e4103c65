using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ecom.Rules.Syntax;

/// <summary>Reads the JSON form of a rule.</summary>
public sealed class JsonParser
{
    private readonly RuleLimits _limits;
    private int _depth;
    private int _nodes;
    private Diagnostic? _error;

    private JsonParser(RuleLimits limits) => _limits = limits;

    /// <summary>Reads a rule; names and types are not checked here. Never throws for what is written.</summary>
    /// <param name="element">The JSON form.</param>
    /// <param name="limits">How large and deep it may be.</param>
    /// <param name="expression">
    /// The tree, if it could be read; its places are those in its text form, as
    /// <see cref="ExpressionText.Write(Expression)"/> gives it.
    /// </param>
    /// <param name="error">The first error, with its path, if not.</param>
    public static bool TryParse(
        JsonElement element,
        RuleLimits limits,
        [NotNullWhen(true)] out Expression? expression,
        [NotNullWhen(false)] out Diagnostic? error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var parser = new JsonParser(limits);
        expression = parser.Read(element, "$");
        error = parser._error;

        // Read again from its text, so that the places of later errors can be shown in a text.
        return expression is not null
            && Parser.TryParse(ExpressionText.Write(expression), limits, out expression, out error);
    }

    private Expression? Read(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return Fail(path, "Expected an object with a kind.");
        }

        if (++_nodes > _limits.Nodes)
        {
            return Fail(path, $"The rule has more than {_limits.Nodes} parts, which is the limit.", "too-expensive");
        }

        if (++_depth > _limits.Depth + 1)
        {
            return Fail(
                path, $"The rule is nested more than {_limits.Depth} deep, which is the limit.", "too-expensive");
        }

        var kind = TextOf(element, "kind", path);
        var expression = kind is null ? null : ReadKind(element, kind, path);
        _depth--;
        return expression;
    }

    private Expression? ReadKind(JsonElement element, string kind, string path) => kind switch
    {
        "number" => Known(element, path, "value") ? ReadNumber(element, path) : null,
        "text" => Known(element, path, "value") && TextOf(element, "value", path) is { } value
            ? new TextLiteral(value)
            : null,
        "boolean" => Known(element, path, "value") ? ReadBoolean(element, path) : null,
        "feature" => Known(element, path, "name") ? ReadFeature(element, path) : null,
        "negate" => Known(element, path, "of") && One(element, "of", path) is { } number
            ? new Negation(number)
            : null,
        "not" => Known(element, path, "of") && One(element, "of", path) is { } condition
            ? new Inversion(condition)
            : null,
        "and" or "or" => Known(element, path, "of") ? ReadJunction(element, kind, path) : null,
        "arithmetic" => Known(element, path, "operator", "left", "right") ? ReadArithmetic(element, path) : null,
        "compare" => Known(element, path, "operator", "left", "right") ? ReadComparison(element, path) : null,
        "in" or "not-in" => Known(element, path, "value", "items", "list")
            ? ReadMembership(element, kind == "not-in", path)
            : null,
        "call" => Known(element, path, "function", "arguments") ? ReadCall(element, path) : null,
        _ => Fail(
            $"{path}.kind",
            "The kinds are number, text, boolean, feature, negate, arithmetic, compare, in, not-in, and, or, not, "
            + "call."),
    };

    private Expression? ReadNumber(JsonElement element, string path) =>
        element.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? new NumberLiteral(number)
            : Fail($"{path}.value", "Expected a finite number.");

    private Expression? ReadBoolean(JsonElement element, string path) =>
        element.TryGetProperty("value", out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new BooleanLiteral(value.ValueKind == JsonValueKind.True)
            : Fail($"{path}.value", "Expected true or false.");

    private Expression? ReadFeature(JsonElement element, string path) =>
        TextOf(element, "name", path) is not { } name ? null
        : Parser.IsFeatureName(name) ? new FeatureReference(name)
        : Fail($"{path}.name", "Expected the name of a feature: letters, digits and underscores, no keyword.");

    private Expression? ReadJunction(JsonElement element, string kind, string path)
    {
        if (Many(element, "of", path) is not { } operands)
        {
            return null;
        }

        return operands.Count >= 2
            ? new Junction(kind == "and" ? LogicalOperator.And : LogicalOperator.Or, operands)
            : Fail($"{path}.of", "Expected at least two conditions.");
    }

    private Expression? ReadArithmetic(JsonElement element, string path)
    {
        if (TextOf(element, "operator", path) is not { } symbol
            || One(element, "left", path) is not { } left
            || One(element, "right", path) is not { } right)
        {
            return null;
        }

        foreach (var operation in Enum.GetValues<ArithmeticOperator>())
        {
            if (ExpressionText.SymbolOf(operation) == symbol)
            {
                return new Arithmetic(operation, left, right);
            }
        }

        return Fail($"{path}.operator", "The operators are + - * /.");
    }

    private Expression? ReadComparison(JsonElement element, string path)
    {
        if (TextOf(element, "operator", path) is not { } symbol
            || One(element, "left", path) is not { } left
            || One(element, "right", path) is not { } right)
        {
            return null;
        }

        foreach (var operation in Enum.GetValues<ComparisonOperator>())
        {
            if (ExpressionText.SymbolOf(operation) == symbol)
            {
                return new Comparison(operation, left, right);
            }
        }

        return Fail($"{path}.operator", "The operators are == != < <= > >=.");
    }

    private Expression? ReadMembership(JsonElement element, bool isNegated, string path)
    {
        if (element.TryGetProperty("items", out _) == element.TryGetProperty("list", out _))
        {
            return Fail(path, "Expected items or list, one of them.");
        }

        if (One(element, "value", path) is not { } value)
        {
            return null;
        }

        if (element.TryGetProperty("list", out _))
        {
            return TextOf(element, "list", path) is { } list ? new Membership(value, null, list, isNegated) : null;
        }

        if (Many(element, "items", path) is not { } items)
        {
            return null;
        }

        return items.Count > 0 && items.All(item => item is NumberLiteral or TextLiteral or BooleanLiteral)
            ? new Membership(value, items, null, isNegated)
            : Fail($"{path}.items", "Expected at least one number, text or boolean, and nothing else.");
    }

    private Expression? ReadCall(JsonElement element, string path)
    {
        if (TextOf(element, "function", path) is not { } function)
        {
            return null;
        }

        return !Parser.IsFeatureName(function)
            ? Fail($"{path}.function", "Expected the name of a function.")
            : Many(element, "arguments", path) is { } arguments ? new Call(function, arguments) : null;
    }

    private Expression? One(JsonElement element, string name, string path) =>
        element.TryGetProperty(name, out var part)
            ? Read(part, $"{path}.{name}")
            : Fail(path, $"'{name}' is missing.");

    private List<Expression>? Many(JsonElement element, string name, string path)
    {
        if (!element.TryGetProperty(name, out var parts) || parts.ValueKind != JsonValueKind.Array)
        {
            Fail($"{path}.{name}", "Expected an array.");
            return null;
        }

        var read = new List<Expression>();
        foreach (var part in parts.EnumerateArray())
        {
            if (Read(part, $"{path}.{name}[{read.Count}]") is not { } expression)
            {
                return null;
            }

            read.Add(expression);
        }

        return read;
    }

    private string? TextOf(JsonElement element, string name, string path)
    {
        if (element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            try
            {
                return value.GetString();
            }
            catch (InvalidOperationException)
            {
                Fail($"{path}.{name}", "The text holds half of a surrogate pair.");
                return null;
            }
        }

        Fail($"{path}.{name}", "Expected a text.");
        return null;
    }

    private bool Known(JsonElement element, string path, params ReadOnlySpan<string> names)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (property.Name != "kind" && !names.Contains(property.Name))
            {
                Fail($"{path}.{property.Name}", "There is no such property here.");
                return false;
            }
        }

        return true;
    }

    private Expression? Fail(string path, string message, string code = "json")
    {
        _error ??= Diagnostic.At(new SourceSpan(0, 0, 1, 1), code, message) with { Path = path };
        return null;
    }
}
