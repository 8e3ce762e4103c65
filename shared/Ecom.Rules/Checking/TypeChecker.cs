using Ecom.Rules.Syntax;

namespace Ecom.Rules.Checking;

/// <summary>Finds the type of each part, unknown names, and divisions by what can only be meant as zero.</summary>
internal sealed class TypeChecker(FeatureSchema schema)
{
    private readonly List<Diagnostic> _errors = [];

    /// <summary>The type of each part that has one.</summary>
    public Dictionary<Expression, RuleType> Types { get; } = [];

    /// <summary>What is wrong, in the order of the text.</summary>
    public IReadOnlyList<Diagnostic> Errors => [.. _errors.OrderBy(error => error.Offset)];

    /// <summary>The type of a part; null if it is wrong, which is told once, where it is.</summary>
    public RuleType? Check(Expression expression)
    {
        var type = expression switch
        {
            NumberLiteral => RuleType.Number,
            TextLiteral => RuleType.Text,
            BooleanLiteral => RuleType.Boolean,
            FeatureReference feature => CheckFeature(feature),
            Negation negation => Wanted(negation.Operand, RuleType.Number, "'-'") ? RuleType.Number : null,
            Arithmetic arithmetic => CheckArithmetic(arithmetic),
            Comparison comparison => CheckComparison(comparison),
            Membership membership => CheckMembership(membership),
            Inversion inversion => Wanted(inversion.Operand, RuleType.Boolean, "'not'") ? RuleType.Boolean : null,
            Junction junction => CheckJunction(junction),
            Call call => CheckCall(call),
            _ => throw new ArgumentException($"Unknown part {expression.GetType().Name}.", nameof(expression)),
        };
        if (type is { } known)
        {
            Types[expression] = known;
        }

        return type;
    }

    /// <summary>Checks a whole rule, which must be a condition.</summary>
    public void CheckRule(Expression rule)
    {
        if (Check(rule) is { } type and not RuleType.Boolean)
        {
            Fail(rule, "type", $"A rule must be a condition, this is a {Shown(type)}: compare it with something.");
        }
    }

    private RuleType? CheckFeature(FeatureReference feature)
    {
        if (schema.Find(feature.Name) is { } slot)
        {
            return slot.Type;
        }

        var nearest = schema.Nearest(feature.Name) is { } name ? $" Did you mean '{name}'?" : "";
        return Fail(feature, "unknown-feature", $"There is no feature '{feature.Name}'.{nearest}");
    }

    private RuleType? CheckArithmetic(Arithmetic arithmetic)
    {
        var symbol = $"'{ExpressionText.SymbolOf(arithmetic.Operator)}'";
        var isLeft = Wanted(arithmetic.Left, RuleType.Number, symbol);
        var isRight = Wanted(arithmetic.Right, RuleType.Number, symbol);
        if (isLeft && isRight
            && arithmetic.Operator == ArithmeticOperator.Divide && ConstantValue.CanBeZero(arithmetic.Right))
        {
            return Fail(
                arithmetic.Right, "division-by-zero",
                $"'{ExpressionText.Write(arithmetic.Right)}' can be the constant zero, which nothing can be "
                + "divided by.");
        }

        return isLeft && isRight ? RuleType.Number : null;
    }

    private RuleType? CheckComparison(Comparison comparison)
    {
        var left = Check(comparison.Left);
        var right = Check(comparison.Right);
        if (left is null || right is null)
        {
            return null;
        }

        if (left != right)
        {
            return Fail(
                comparison, "type",
                $"A {Shown(left.Value)} cannot be compared with a {Shown(right.Value)}: "
                + $"'{ExpressionText.Write(comparison.Left)}' is a {Shown(left.Value)}, "
                + $"'{ExpressionText.Write(comparison.Right)}' is a {Shown(right.Value)}.");
        }

        if (left != RuleType.Number
            && comparison.Operator is not (ComparisonOperator.Equal or ComparisonOperator.NotEqual))
        {
            return Fail(
                comparison, "type",
                $"'{ExpressionText.SymbolOf(comparison.Operator)}' compares numbers, these are {Shown(left.Value)}s: "
                + "they have == and != only.");
        }

        return RuleType.Boolean;
    }

    private RuleType? CheckMembership(Membership membership)
    {
        var type = Check(membership.Value);
        if (type is null)
        {
            return null;
        }

        if (membership.List is { } list)
        {
            return type == RuleType.Text && list.Length > 0
                ? RuleType.Boolean
                : Fail(
                    membership, "type",
                    list.Length == 0 ? "The list has no name." : $"Lists hold texts, this is a {Shown(type.Value)}.");
        }

        foreach (var item in membership.Items!)
        {
            if (Check(item) is { } other && other != type)
            {
                return Fail(
                    item, "type",
                    $"A {Shown(type.Value)} cannot be a {Shown(other)}: "
                    + $"'{ExpressionText.Write(membership.Value)}' is a {Shown(type.Value)}.");
            }
        }

        return RuleType.Boolean;
    }

    private RuleType? CheckJunction(Junction junction)
    {
        var word = junction.Operator == LogicalOperator.And ? "'and'" : "'or'";
        var isRight = true;
        foreach (var operand in junction.Operands)
        {
            isRight &= Wanted(operand, RuleType.Boolean, word);
        }

        return isRight ? RuleType.Boolean : null;
    }

    private RuleType? CheckCall(Call call)
    {
        if (Function.Find(call.Function) is not { } function)
        {
            return Fail(
                call, "unknown-function",
                $"There is no function '{call.Function}'. There are: {string.Join(", ", Function.Names)}.");
        }

        var (least, most) = function.Signature switch
        {
            Signature.Number or Signature.TextToNumber or Signature.Anything => (1, 1),
            Signature.Texts => (2, 2),
            Signature.Choice => (3, 3),
            _ => (2, int.MaxValue),
        };
        if (call.Arguments.Count < least || call.Arguments.Count > most)
        {
            return Fail(
                call, "arguments",
                $"'{call.Function}' takes {least}{(most > least ? " or more" : "")} arguments, "
                + $"here are {call.Arguments.Count}.");
        }

        var name = $"'{call.Function}'";
        return function.Signature switch
        {
            Signature.Number or Signature.Numbers => All(call.Arguments, RuleType.Number, name, RuleType.Number),
            Signature.TextToNumber => All(call.Arguments, RuleType.Text, name, RuleType.Number),
            Signature.Texts => All(call.Arguments, RuleType.Text, name, RuleType.Boolean),
            Signature.Anything => Check(call.Arguments[0]) is null ? null : RuleType.Boolean,
            Signature.Alike => CheckAlike([.. call.Arguments], name),
            _ => Wanted(call.Arguments[0], RuleType.Boolean, name)
                ? CheckAlike([.. call.Arguments.Skip(1)], name)
                : null,
        };
    }

    private RuleType? All(IReadOnlyList<Expression> arguments, RuleType wanted, string name, RuleType result)
    {
        var isRight = true;
        foreach (var argument in arguments)
        {
            isRight &= Wanted(argument, wanted, name);
        }

        return isRight ? result : null;
    }

    private RuleType? CheckAlike(Expression[] arguments, string name)
    {
        if (Check(arguments[0]) is not { } first)
        {
            return null;
        }

        return All(arguments[1..], first, name, first);
    }

    private bool Wanted(Expression expression, RuleType wanted, string by)
    {
        var type = Check(expression);
        if (type is not null && type != wanted)
        {
            Fail(
                expression, "type",
                $"{by} wants a {Shown(wanted)} here, '{ExpressionText.Write(expression)}' is a {Shown(type.Value)}.");
        }

        return type == wanted;
    }

    private RuleType? Fail(Expression where, string code, string message)
    {
        _errors.Add(Diagnostic.At(where.Span, code, message));
        return null;
    }

    private static string Shown(RuleType type) => type.ToString().ToLowerInvariant();
}
