using System.Collections.Frozen;
using Ecom.Rules.Checking;
using Ecom.Rules.Syntax;

namespace Ecom.Rules.Evaluation;

/// <summary>Turns a checked tree into nodes that need no names and allocate nothing.</summary>
internal sealed class Compiler(FeatureSchema schema, IReadOnlyDictionary<Expression, RuleType> types)
{
    /// <summary>A part that gives a number or a boolean.</summary>
    public NumberNode Number(Expression expression) => expression switch
    {
        NumberLiteral literal => new ConstantNode(literal.Value),
        BooleanLiteral literal => new ConstantNode(literal.Value ? 1 : 0),
        FeatureReference feature => Feature(schema.Find(feature.Name)!.Value),
        Negation negation => new NegationNode(Number(negation.Operand)),
        Arithmetic arithmetic => new ArithmeticNode(
            arithmetic.Operator, Number(arithmetic.Left), Number(arithmetic.Right)),
        Comparison comparison when types[comparison.Left] == RuleType.Text => new TextComparisonNode(
            comparison.Operator == ComparisonOperator.Equal, Text(comparison.Left), Text(comparison.Right)),
        Comparison comparison => new ComparisonNode(
            comparison.Operator, Number(comparison.Left), Number(comparison.Right)),
        Membership membership => Member(membership),
        Inversion inversion => new InversionNode(Number(inversion.Operand)),
        Junction { Operator: LogicalOperator.And } junction => new AndNode(Numbers(junction.Operands)),
        Junction junction => new OrNode(Numbers(junction.Operands)),
        Call call => NumberCall(call),
        _ => throw new ArgumentException($"{expression.GetType().Name} gives no number.", nameof(expression)),
    };

    /// <summary>A part that gives a text.</summary>
    public TextNode Text(Expression expression) => expression switch
    {
        TextLiteral literal => new TextConstantNode(literal.Value),
        FeatureReference feature => new TextFeatureNode(schema.Find(feature.Name)!.Value.Slot),
        Call { Function: "coalesce" } call => new CoalesceTextNode([.. call.Arguments.Select(Text)]),
        Call { Function: "if" } call => new ChoiceTextNode(
            Number(call.Arguments[0]), Text(call.Arguments[1]), Text(call.Arguments[2])),
        _ => throw new ArgumentException($"{expression.GetType().Name} gives no text.", nameof(expression)),
    };

    private static NumberNode Feature(FeatureSlot feature) => feature.Type == RuleType.Boolean
        ? new BooleanFeatureNode(feature.Slot)
        : new NumberFeatureNode(feature.Slot);

    private NumberNode Member(Membership membership) => (membership.List, types[membership.Value]) switch
    {
        ({ } list, _) => new ListMembershipNode(Text(membership.Value), list, membership.IsNegated),
        (_, RuleType.Text) => new TextMembershipNode(
            Text(membership.Value),
            membership.Items!.Cast<TextLiteral>().Select(item => item.Value).ToFrozenSet(StringComparer.Ordinal),
            membership.IsNegated),
        _ => new NumberMembershipNode(
            Number(membership.Value),
            membership.Items!.Select(item => ((ConstantNode)Number(item)).Value).ToFrozenSet(),
            membership.IsNegated),
    };

    private NumberNode NumberCall(Call call)
    {
        var arguments = call.Arguments;
        return call.Function switch
        {
            "abs" => new NumberFunctionNode(NumberFunction.Abs, Number(arguments[0])),
            "floor" => new NumberFunctionNode(NumberFunction.Floor, Number(arguments[0])),
            "ceil" => new NumberFunctionNode(NumberFunction.Ceil, Number(arguments[0])),
            "round" => new NumberFunctionNode(NumberFunction.Round, Number(arguments[0])),
            "sqrt" => new NumberFunctionNode(NumberFunction.Sqrt, Number(arguments[0])),
            "log" => new NumberFunctionNode(NumberFunction.Log, Number(arguments[0])),
            "min" => new ExtremeNode(isLargest: false, Numbers(arguments)),
            "max" => new ExtremeNode(isLargest: true, Numbers(arguments)),
            "length" => new LengthNode(Text(arguments[0])),
            "starts_with" => new TextFunctionNode(TextFunction.StartsWith, Text(arguments[0]), Text(arguments[1])),
            "ends_with" => new TextFunctionNode(TextFunction.EndsWith, Text(arguments[0]), Text(arguments[1])),
            "contains" => new TextFunctionNode(TextFunction.Contains, Text(arguments[0]), Text(arguments[1])),
            "is_missing" when types[arguments[0]] == RuleType.Text => new MissingTextNode(Text(arguments[0])),
            "is_missing" => new MissingNode(Number(arguments[0])),
            "coalesce" => new CoalesceNode(Numbers(arguments)),
            "if" => new ChoiceNode(Number(arguments[0]), Number(arguments[1]), Number(arguments[2])),
            _ => throw new ArgumentException($"Unknown function {call.Function}.", nameof(call)),
        };
    }

    private NumberNode[] Numbers(IReadOnlyList<Expression> expressions) => [.. expressions.Select(Number)];
}
