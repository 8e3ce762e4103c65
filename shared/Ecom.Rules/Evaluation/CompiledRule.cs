using Ecom.Rules.Checking;
using Ecom.Rules.Syntax;

namespace Ecom.Rules.Evaluation;

/// <summary>A rule that is ready to judge vectors of its schema. Safe for use by many threads.</summary>
public sealed class CompiledRule
{
    private readonly NumberNode _root;
    private readonly Condition[] _conditions;
    private readonly FeatureSchema _schema;

    internal CompiledRule(
        Expression expression, FeatureSchema schema, IReadOnlyDictionary<Expression, RuleType> types, RuleCost cost)
    {
        var compiler = new Compiler(schema, types);
        Expression = expression;
        Cost = cost;
        Features = [.. NamesIn(expression).Distinct(StringComparer.Ordinal)];
        Lists = [.. PartsIn(expression).OfType<Membership>().Select(part => part.List).OfType<string>().Distinct()];
        _schema = schema;
        _root = compiler.Number(expression);
        _conditions = [.. ConditionsOf(expression).Select(part => Condition.Of(part, compiler, types))];
    }

    /// <summary>The rule as a tree.</summary>
    public Expression Expression { get; }

    /// <summary>What judging costs at most.</summary>
    public RuleCost Cost { get; }

    /// <summary>The features that it names, each once.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>The lists that it names, each once.</summary>
    public IReadOnlyList<string> Lists { get; }

    /// <summary>Whether the rule holds; false if what it says is missing. It neither throws nor allocates.</summary>
    /// <param name="vector">Values in the slots of the schema that the rule was compiled for.</param>
    public bool Holds(in FeatureVector vector) => _root.Evaluate(vector) == 1;

    /// <summary>
    /// The two sides of the rule's first comparison of numbers that holds, for a sentence to a person. It allocates
    /// nothing.
    /// </summary>
    /// <param name="vector">Values in the slots of the schema.</param>
    /// <returns>Null if it has no such comparison.</returns>
    public (double Value, double Threshold)? Measure(in FeatureVector vector)
    {
        foreach (var condition in _conditions)
        {
            if (condition.Left is { } left && condition.Right is { } right && condition.Node.Evaluate(vector) == 1)
            {
                return (left.Evaluate(vector), right.Evaluate(vector));
            }
        }

        return null;
    }

    /// <summary>Judges each condition of the rule on its own.</summary>
    /// <param name="vector">Values in the slots of the schema.</param>
    public Explanation Explain(in FeatureVector vector)
    {
        var conditions = new List<ExplainedCondition>();
        foreach (var condition in _conditions)
        {
            var features = new List<ExplainedFeature>();
            foreach (var name in NamesIn(condition.Source).Distinct(StringComparer.Ordinal))
            {
                features.Add(ValueOf(_schema.Find(name)!.Value, vector));
            }

            conditions.Add(new ExplainedCondition
            {
                Text = ExpressionText.Write(condition.Source),
                Span = condition.Source.Span,
                Holds = condition.Node.Evaluate(vector) == 1,
                Value = condition.Left is { } left ? Known(left.Evaluate(vector)) : null,
                Threshold = condition.Right is { } right ? Known(right.Evaluate(vector)) : null,
                Features = features,
            });
        }

        return new Explanation { Holds = Holds(vector), Conditions = conditions };
    }

    private static ExplainedFeature ValueOf(FeatureSlot feature, in FeatureVector vector) => new()
    {
        Name = feature.Name,
        Number = feature.Type == RuleType.Text ? null : Known(vector.Numbers[feature.Slot]),
        Text = feature.Type == RuleType.Text ? vector.Texts[feature.Slot] : null,
    };

    private static double? Known(double value) => double.IsFinite(value) ? value : null;

    private static IEnumerable<Expression> ConditionsOf(Expression expression) => expression switch
    {
        Junction junction => junction.Operands.SelectMany(ConditionsOf),
        Inversion inversion => ConditionsOf(inversion.Operand),
        _ => [expression],
    };

    private static IEnumerable<string> NamesIn(Expression expression) =>
        PartsIn(expression).OfType<FeatureReference>().Select(feature => feature.Name);

    private static IEnumerable<Expression> PartsIn(Expression expression) =>
        RuleCost.PartsOf(expression).SelectMany(PartsIn).Prepend(expression);

    private sealed record Condition(Expression Source, NumberNode Node, NumberNode? Left, NumberNode? Right)
    {
        public static Condition Of(
            Expression source, Compiler compiler, IReadOnlyDictionary<Expression, RuleType> types) =>
            source is Comparison comparison && types[comparison.Left] == RuleType.Number
                ? new Condition(
                    source, compiler.Number(source), compiler.Number(comparison.Left),
                    compiler.Number(comparison.Right))
                : new Condition(source, compiler.Number(source), null, null);
    }
}
