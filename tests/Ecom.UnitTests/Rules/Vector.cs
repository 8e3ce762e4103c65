using Ecom.Rules;
using Ecom.Rules.Checking;
using Ecom.Rules.Evaluation;
using Ecom.Rules.Syntax;

namespace Ecom.UnitTests.Rules;

/// <summary>Values for the rules of these tests, and the schema that they fit.</summary>
internal sealed class Vector
{
    public static readonly FeatureSchema Schema = new(
    [
        new("amount", RuleType.Number), new("mean", RuleType.Number), new("count", RuleType.Number),
        new("is_new", RuleType.Boolean), new("is_robot", RuleType.Boolean),
        new("country", RuleType.Text), new("card", RuleType.Text),
    ]);

    public static readonly RuleLanguage Language = new(Schema);

    private readonly Dictionary<string, object?> _values = [];
    private readonly HashSet<(string List, string Value)> _listed = [];

    public object? this[string feature]
    {
        get => _values.GetValueOrDefault(feature);
        set => _values[feature] = value;
    }

    public Vector With(string feature, object? value)
    {
        this[feature] = value;
        return this;
    }

    public Vector Listed(string list, string value)
    {
        _listed.Add((list, value));
        return this;
    }

    public bool IsListed(string list, string value) => _listed.Contains((list, value));

    public bool Holds(string rule) => Compile(rule).Holds(ToFeatures());

    public Explanation Explain(string rule) => Compile(rule).Explain(ToFeatures());

    public FeatureVector ToFeatures()
    {
        var numbers = new double[Schema.NumberCount];
        var texts = new string?[Schema.TextCount];
        foreach (var feature in Schema.Features)
        {
            if (feature.Type == RuleType.Text)
            {
                texts[feature.Slot] = (string?)this[feature.Name];
            }
            else
            {
                numbers[feature.Slot] = this[feature.Name] switch
                {
                    null => double.NaN,
                    bool boolean => boolean ? 1 : 0,
                    var number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture),
                };
            }
        }

        return new FeatureVector(numbers, texts, IsListed);
    }

    public static CompiledRule Compile(string rule)
    {
        Assert.True(Language.TryCompile(rule, out var compiled, out var diagnostics), string.Join('\n', diagnostics));
        Assert.Empty(diagnostics);
        return compiled;
    }

    public static IReadOnlyList<Diagnostic> Errors(string rule, RuleLimits? limits = null)
    {
        Assert.False(new RuleLanguage(Schema, limits).TryCompile(rule, out var compiled, out var diagnostics));
        Assert.Null(compiled);
        return diagnostics;
    }
}
