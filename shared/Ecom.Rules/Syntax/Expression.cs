namespace Ecom.Rules.Syntax;

/// <summary>A part of a rule: a tree that text and JSON are two forms of. It cannot be changed.</summary>
public abstract class Expression
{
    private protected Expression()
    {
    }

    /// <summary>Where it stands in the text; empty if it was never text.</summary>
    public SourceSpan Span { get; init; }
}

/// <summary>A number, as <c>4</c>, <c>-0.5</c> or <c>1e6</c>.</summary>
/// <param name="value">The finite number.</param>
public sealed class NumberLiteral(double value) : Expression
{
    /// <summary>The number; always finite.</summary>
    public double Value => value;
}

/// <summary>A text in double quotes.</summary>
/// <param name="value">The text without quotes and escapes.</param>
public sealed class TextLiteral(string value) : Expression
{
    /// <summary>The text, without quotes and escapes.</summary>
    public string Value => value;
}

/// <summary><c>true</c> or <c>false</c>.</summary>
/// <param name="value">Which of them.</param>
public sealed class BooleanLiteral(bool value) : Expression
{
    /// <summary>Which of them.</summary>
    public bool Value => value;
}

/// <summary>The value of a feature.</summary>
/// <param name="name">Its name in the schema.</param>
public sealed class FeatureReference(string name) : Expression
{
    /// <summary>Its name in the schema: letters, digits and underscores, no digit first.</summary>
    public string Name => name;
}

/// <summary>A minus before a number.</summary>
/// <param name="operand">The number.</param>
public sealed class Negation(Expression operand) : Expression
{
    /// <summary>The number whose sign changes.</summary>
    public Expression Operand => operand;
}

/// <summary>What numbers are joined by.</summary>
public enum ArithmeticOperator
{
    /// <summary><c>+</c>.</summary>
    Add,

    /// <summary><c>-</c>.</summary>
    Subtract,

    /// <summary><c>*</c>.</summary>
    Multiply,

    /// <summary><c>/</c>: missing if the divisor is zero.</summary>
    Divide,
}

/// <summary>A sum, difference, product or quotient.</summary>
/// <param name="operation">Which of them.</param>
/// <param name="left">The first number.</param>
/// <param name="right">The second number.</param>
public sealed class Arithmetic(ArithmeticOperator operation, Expression left, Expression right) : Expression
{
    /// <summary>Which of the four it is.</summary>
    public ArithmeticOperator Operator => operation;

    /// <summary>The first number.</summary>
    public Expression Left => left;

    /// <summary>The second number.</summary>
    public Expression Right => right;
}

/// <summary>How two values are compared.</summary>
public enum ComparisonOperator
{
    /// <summary><c>==</c>, also written <c>=</c>.</summary>
    Equal,

    /// <summary><c>!=</c>.</summary>
    NotEqual,

    /// <summary><c>&lt;</c>.</summary>
    Less,

    /// <summary><c>&lt;=</c>.</summary>
    AtMost,

    /// <summary><c>&gt;</c>.</summary>
    Greater,

    /// <summary><c>&gt;=</c>.</summary>
    AtLeast,
}

/// <summary>Two values of one type, compared; false if one is missing, whatever the operator.</summary>
/// <param name="operation">How.</param>
/// <param name="left">The first value.</param>
/// <param name="right">The second value.</param>
public sealed class Comparison(ComparisonOperator operation, Expression left, Expression right) : Expression
{
    /// <summary>How they are compared.</summary>
    public ComparisonOperator Operator => operation;

    /// <summary>The first value.</summary>
    public Expression Left => left;

    /// <summary>The second value.</summary>
    public Expression Right => right;
}

/// <summary>Whether a value is one of some; false if it is missing, also for <c>not in</c>.</summary>
/// <param name="value">The value that is looked for.</param>
/// <param name="items">Where: literals; null if a list is named.</param>
/// <param name="list">Where: the name of a list of the host; null if literals are given.</param>
/// <param name="isNegated">Whether it is <c>not in</c>.</param>
public sealed class Membership(Expression value, IReadOnlyList<Expression>? items, string? list, bool isNegated)
    : Expression
{
    /// <summary>The value that is looked for.</summary>
    public Expression Value => value;

    /// <summary>At least one literal; null if a list is named.</summary>
    public IReadOnlyList<Expression>? Items => items;

    /// <summary>The name of a list that the host keeps; null if literals are given.</summary>
    public string? List => list;

    /// <summary>Whether it is <c>not in</c>.</summary>
    public bool IsNegated => isNegated;
}

/// <summary>How conditions are joined.</summary>
public enum LogicalOperator
{
    /// <summary>All hold.</summary>
    And,

    /// <summary>At least one holds.</summary>
    Or,
}

/// <summary>Conditions joined by <c>and</c> or <c>or</c>.</summary>
/// <param name="operation">Which of them.</param>
/// <param name="operands">The conditions.</param>
public sealed class Junction(LogicalOperator operation, IReadOnlyList<Expression> operands) : Expression
{
    /// <summary>Whether all must hold, or one.</summary>
    public LogicalOperator Operator => operation;

    /// <summary>At least two conditions.</summary>
    public IReadOnlyList<Expression> Operands => operands;
}

/// <summary><c>not</c>: true if a condition is false or missing.</summary>
/// <param name="operand">The condition.</param>
public sealed class Inversion(Expression operand) : Expression
{
    /// <summary>The condition.</summary>
    public Expression Operand => operand;
}

/// <summary>One of the functions that docs/rules.md lists.</summary>
/// <param name="function">Its name.</param>
/// <param name="arguments">What it is given.</param>
public sealed class Call(string function, IReadOnlyList<Expression> arguments) : Expression
{
    /// <summary>The function's name.</summary>
    public string Function => function;

    /// <summary>What it is given.</summary>
    public IReadOnlyList<Expression> Arguments => arguments;
}
