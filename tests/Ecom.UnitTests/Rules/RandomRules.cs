using Ecom.Rules.Syntax;

namespace Ecom.UnitTests.Rules;

/// <summary>Well-typed trees and vectors, the same for the same seed.</summary>
internal sealed class RandomRules(int seed)
{
    private static readonly double[] _numbers = [0, 1, -1, 2, 0.5, -3.25, 1e-7, 1e300, -1e300, 100];
    private static readonly string[] _texts = ["", "NG", "RO", "ng", "a\"b\\c", "tab\tline\n", "müde 😀", "NGRO"];
    private readonly Random _random = new(seed);

    public Vector Vector()
    {
        var vector = new Vector();
        foreach (var name in new[] { "amount", "mean", "count" })
        {
            vector[name] = _random.Next(4) == 0 ? null : Pick(_numbers);
        }

        foreach (var name in new[] { "is_new", "is_robot" })
        {
            vector[name] = _random.Next(4) == 0 ? null : _random.Next(2) == 0;
        }

        foreach (var name in new[] { "country", "card" })
        {
            vector[name] = _random.Next(4) == 0 ? null : Pick(_texts);
        }

        return _random.Next(2) == 0 ? vector.Listed("watched", "NG").Listed("watched", "") : vector;
    }

    public Expression Condition(int depth)
    {
        if (depth == 0)
        {
            return _random.Next(3) == 0
                ? new BooleanLiteral(_random.Next(2) == 0)
                : new FeatureReference(_random.Next(2) == 0 ? "is_new" : "is_robot");
        }

        return _random.Next(14) switch
        {
            0 or 1 => new Junction(LogicalOperator.And, Some(2, 4, () => Condition(depth - 1))),
            2 or 3 => new Junction(LogicalOperator.Or, Some(2, 4, () => Condition(depth - 1))),
            4 => new Inversion(Condition(depth - 1)),
            5 or 6 or 7 => new Comparison(
                (ComparisonOperator)_random.Next(6), Number(depth - 1), Number(depth - 1)),
            8 => new Comparison((ComparisonOperator)_random.Next(2), Text(depth - 1), Text(depth - 1)),
            9 => new Comparison((ComparisonOperator)_random.Next(2), Condition(depth - 1), Condition(depth - 1)),
            10 => Membership(depth - 1),
            11 => new Call(
                Pick(["starts_with", "ends_with", "contains"]), [Text(depth - 1), Text(depth - 1)]),
            12 => new Call("is_missing", [_random.Next(3) switch
            {
                0 => Number(depth - 1),
                1 => Text(depth - 1),
                _ => Condition(depth - 1),
            }]),
            _ => _random.Next(2) == 0
                ? new Call("coalesce", Some(2, 3, () => Condition(depth - 1)))
                : new Call("if", Some(3, 3, () => Condition(depth - 1))),
        };
    }

    private Expression Number(int depth)
    {
        if (depth <= 0)
        {
            return _random.Next(3) == 0
                ? new NumberLiteral(Pick(_numbers))
                : new FeatureReference(Pick(["amount", "mean", "count"]));
        }

        return _random.Next(8) switch
        {
            0 or 1 or 2 => new Arithmetic(
                (ArithmeticOperator)_random.Next(4), Number(depth - 1), Number(depth - 1)),
            3 => new Negation(Number(depth - 1)),
            4 => new Call(Pick(["min", "max", "coalesce"]), Some(2, 3, () => Number(depth - 1))),
            5 => new Call("if", [Condition(depth - 1), Number(depth - 1), Number(depth - 1)]),
            6 => new Call("length", [Text(depth - 1)]),
            _ => new Call(Pick(["abs", "floor", "ceil", "round", "sqrt", "log"]), [Number(depth - 1)]),
        };
    }

    private Expression Text(int depth) => depth <= 0 || _random.Next(2) == 0
        ? _random.Next(3) == 0
            ? new TextLiteral(Pick(_texts))
            : new FeatureReference(_random.Next(2) == 0 ? "country" : "card")
        : _random.Next(2) == 0
            ? new Call("coalesce", Some(2, 3, () => Text(depth - 1)))
            : new Call("if", [Condition(depth - 1), Text(depth - 1), Text(depth - 1)]);

    private Expression Membership(int depth)
    {
        var isNegated = _random.Next(2) == 0;
        return _random.Next(4) switch
        {
            0 => new Membership(Text(depth), null, Pick(["watched", "no \"such\" list"]), isNegated),
            1 => new Membership(
                Number(depth), Some(1, 4, () => new NumberLiteral(Pick(_numbers))), null, isNegated),
            2 => new Membership(
                Condition(depth), Some(1, 2, () => new BooleanLiteral(_random.Next(2) == 0)), null, isNegated),
            _ => new Membership(Text(depth), Some(1, 4, () => new TextLiteral(Pick(_texts))), null, isNegated),
        };
    }

    private Expression[] Some(int least, int most, Func<Expression> make) =>
        [.. Enumerable.Range(0, _random.Next(least, most + 1)).Select(_ => make())];

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];
}
