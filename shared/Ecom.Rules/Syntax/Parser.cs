using System.Diagnostics.CodeAnalysis;

namespace Ecom.Rules.Syntax;

/// <summary>Reads the text form of a rule. The grammar is in docs/rules.md.</summary>
public sealed class Parser
{
    private static readonly Dictionary<string, ComparisonOperator> _comparisons = new()
    {
        ["=="] = ComparisonOperator.Equal,
        ["="] = ComparisonOperator.Equal,
        ["!="] = ComparisonOperator.NotEqual,
        ["<"] = ComparisonOperator.Less,
        ["<="] = ComparisonOperator.AtMost,
        [">"] = ComparisonOperator.Greater,
        [">="] = ComparisonOperator.AtLeast,
    };

    private static readonly HashSet<string> _keywords = ["and", "or", "not", "in", "true", "false", "list"];

    private readonly IReadOnlyList<Token> _tokens;
    private readonly RuleLimits _limits;
    private int _at;
    private int _depth;
    private int _nodes;
    private Diagnostic? _error;

    private Parser(IReadOnlyList<Token> tokens, RuleLimits limits)
    {
        _tokens = tokens;
        _limits = limits;
    }

    private Token Current => _tokens[_at];

    /// <summary>Reads a rule; names and types are not checked here. Never throws for what is written.</summary>
    /// <param name="text">The text form.</param>
    /// <param name="limits">How long, large and deep it may be.</param>
    /// <param name="expression">The tree, if it could be read.</param>
    /// <param name="error">The first error, if not.</param>
    public static bool TryParse(
        string text,
        RuleLimits limits,
        [NotNullWhen(true)] out Expression? expression,
        [NotNullWhen(false)] out Diagnostic? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(limits);
        expression = null;
        if (text.Length > limits.Characters)
        {
            error = Diagnostic.At(
                new SourceSpan(0, text.Length, 1, 1), "too-expensive",
                $"The rule has {text.Length} characters, the limit is {limits.Characters}.");
            return false;
        }

        (var tokens, error) = new Lexer(text).Read();
        if (error is not null)
        {
            return false;
        }

        var parser = new Parser(tokens, limits);
        expression = parser.ParseAll();
        error = parser._error;
        return expression is not null;
    }

    /// <summary>Whether a feature can have a name: letters, digits, underscores, no digit first, no keyword.</summary>
    public static bool IsFeatureName(string name) => Lexer.IsName(name) && !_keywords.Contains(name);

    private Expression? ParseAll()
    {
        var expression = ParseJunction(LogicalOperator.Or);
        return expression is null || Current.Kind == TokenKind.End ? expression : Unexpected("the end of the rule");
    }

    // "and" binds closer than "or", so the operands of "or" are read as "and" first.
    private Expression? ParseJunction(LogicalOperator operation)
    {
        var word = operation == LogicalOperator.Or ? "or" : "and";
        if (ParseOperand(operation) is not { } first)
        {
            return null;
        }

        if (!Current.Is(word))
        {
            return first;
        }

        var operands = new List<Expression> { first };
        while (TryTake(word))
        {
            if (ParseOperand(operation) is not { } next)
            {
                return null;
            }

            operands.Add(next);
        }

        return Node(new Junction(operation, operands) { Span = first.Span.To(operands[^1].Span) });
    }

    private Expression? ParseOperand(LogicalOperator operation) =>
        operation == LogicalOperator.Or ? ParseJunction(LogicalOperator.And) : ParseInversion();

    private Expression? ParseInversion()
    {
        var start = Current.Span;
        if (!TryTake("not"))
        {
            return ParseComparison();
        }

        return Deeper(ParseInversion) is { } operand
            ? Node(new Inversion(operand) { Span = start.To(operand.Span) })
            : null;
    }

    private Expression? ParseComparison()
    {
        if (ParseSum() is not { } left)
        {
            return null;
        }

        if (Current.Kind == TokenKind.Symbol && _comparisons.TryGetValue(Current.Value, out var operation))
        {
            _at++;
            if (ParseSum() is not { } right)
            {
                return null;
            }

            var comparison = Node(new Comparison(operation, left, right) { Span = left.Span.To(right.Span) });
            return Current.Kind == TokenKind.Symbol && _comparisons.ContainsKey(Current.Value)
                ? Fail(Current, "Comparisons do not chain: write 'a < b and b < c'.")
                : comparison;
        }

        if (TryTake("in"))
        {
            return ParseMembership(left, isNegated: false);
        }

        if (Current.Is("not") && _tokens[_at + 1].Is("in"))
        {
            _at += 2;
            return ParseMembership(left, isNegated: true);
        }

        return left;
    }

    private Expression? ParseMembership(Expression value, bool isNegated)
    {
        if (TryTake("list"))
        {
            if (!Take("(") || Current.Kind != TokenKind.Text)
            {
                return _error is null ? Unexpected("the name of a list, in double quotes") : null;
            }

            var name = _tokens[_at++].Value;
            return CloseAt() is { } listEnd
                ? Node(new Membership(value, null, name, isNegated) { Span = value.Span.To(listEnd) })
                : null;
        }

        if (!Take("("))
        {
            return null;
        }

        var items = new List<Expression>();
        do
        {
            if (ParseLiteral() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (TryTake(","));

        return CloseAt() is { } end
            ? Node(new Membership(value, items, null, isNegated) { Span = value.Span.To(end) })
            : null;
    }

    private Expression? ParseLiteral()
    {
        var token = Current;
        var isNegative = token.Is("-") && _tokens[_at + 1].Kind == TokenKind.Number;
        if (isNegative || token.Kind is TokenKind.Number or TokenKind.Text || token.Is("true") || token.Is("false"))
        {
            return ParseUnary();
        }

        return Unexpected("a number, a text, true or false");
    }

    private Expression? ParseSum() =>
        ParseChain(ParseProduct, ("+", ArithmeticOperator.Add), ("-", ArithmeticOperator.Subtract));

    private Expression? ParseProduct() =>
        ParseChain(ParseUnary, ("*", ArithmeticOperator.Multiply), ("/", ArithmeticOperator.Divide));

    private Expression? ParseChain(
        Func<Expression?> parseOperand,
        (string Symbol, ArithmeticOperator Operator) one,
        (string Symbol, ArithmeticOperator Operator) other)
    {
        var left = parseOperand();
        while (left is not null && (Current.Is(one.Symbol) || Current.Is(other.Symbol)))
        {
            var operation = Current.Is(one.Symbol) ? one.Operator : other.Operator;
            _at++;
            left = parseOperand() is { } right
                ? Node(new Arithmetic(operation, left, right) { Span = left.Span.To(right.Span) })
                : null;
        }

        return left;
    }

    private Expression? ParseUnary()
    {
        var start = Current.Span;
        if (!TryTake("-"))
        {
            return ParsePrimary();
        }

        if (Current.Kind == TokenKind.Number)
        {
            var number = _tokens[_at++];
            return Node(new NumberLiteral(-number.Number) { Span = start.To(number.Span) });
        }

        return Deeper(ParseUnary) is { } operand
            ? Node(new Negation(operand) { Span = start.To(operand.Span) })
            : null;
    }

    private Expression? ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                _at++;
                return Node(new NumberLiteral(token.Number) { Span = token.Span });
            case TokenKind.Text:
                _at++;
                return Node(new TextLiteral(token.Value) { Span = token.Span });
            case TokenKind.Name when token.Value is "true" or "false":
                _at++;
                return Node(new BooleanLiteral(token.Value == "true") { Span = token.Span });
            case TokenKind.Name when token.Value.ToLowerInvariant() is var word && _keywords.Contains(word):
                return word == token.Value
                    ? Unexpected("a value")
                    : Fail(token, $"Write '{word}': keywords are in lower case.");
            case TokenKind.Name when _tokens[_at + 1].Is("("):
                return ParseCall(token);
            case TokenKind.Name:
                _at++;
                return Node(new FeatureReference(token.Value) { Span = token.Span });
            case TokenKind.Symbol when token.Value == "(":
                _at++;
                return Deeper(() => ParseJunction(LogicalOperator.Or)) is { } inner && CloseAt() is not null
                    ? inner
                    : null;
            default:
                return Unexpected("a value");
        }
    }

    private Expression? ParseCall(Token name)
    {
        _at += 2;
        var arguments = new List<Expression>();
        while (!Current.Is(")"))
        {
            if (arguments.Count > 0 && !Take(","))
            {
                return null;
            }

            if (Deeper(() => ParseJunction(LogicalOperator.Or)) is not { } argument)
            {
                return null;
            }

            arguments.Add(argument);
        }

        return CloseAt() is { } end ? Node(new Call(name.Value, arguments) { Span = name.Span.To(end) }) : null;
    }

    private Expression? Deeper(Func<Expression?> parse)
    {
        if (++_depth > _limits.Depth)
        {
            return Fail(
                Current, $"The rule is nested more than {_limits.Depth} deep, which is the limit.", "too-expensive");
        }

        var expression = parse();
        _depth--;
        return expression;
    }

    private Expression? Node(Expression node) => ++_nodes <= _limits.Nodes
        ? node
        : Fail(Current, $"The rule has more than {_limits.Nodes} parts, which is the limit.", "too-expensive");

    private bool TryTake(string word)
    {
        var isThere = Current.Is(word);
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private bool Take(string word)
    {
        if (TryTake(word))
        {
            return true;
        }

        Unexpected($"'{word}'");
        return false;
    }

    private SourceSpan? CloseAt()
    {
        var span = Current.Span;
        return Take(")") ? span : null;
    }

    private Expression? Unexpected(string wanted) => Fail(Current, $"Expected {wanted}, but found {Current.Shown}.");

    private Expression? Fail(Token token, string message, string code = "syntax")
    {
        _error ??= Diagnostic.At(token.Span, code, message);
        return null;
    }
}
