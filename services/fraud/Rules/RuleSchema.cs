using Ecom.Fraud.Payments;
using Ecom.Rules;
using Ecom.Rules.Checking;
using Ecom.Rules.Evaluation;

namespace Ecom.Fraud.Rules;

/// <summary>The features of payments as the language of rules knows them.</summary>
internal static class RuleSchema
{
    /// <summary>The probability of fraud that the model gives; missing while rules decide alone.</summary>
    public const string ModelScore = "model_score";

    /// <summary>The share of the known payments that are less odd; missing likewise.</summary>
    public const string ModelAnomaly = "model_anomaly";

    /// <summary>Reads and checks rules over payments.</summary>
    public static RuleLanguage Language { get; } = new(new FeatureSchema(
    [
        .. PaymentVector.Names.Append(ModelScore).Append(ModelAnomaly)
            .Select(name => KeyValuePair.Create(name, RuleType.Number)),
        .. PaymentFacts.TextNames.Select(name => KeyValuePair.Create(name, RuleType.Text)),
    ]));

    /// <summary>Facts in the slots of the schema.</summary>
    public static FactSlots SlotsOf(PaymentFacts facts)
    {
        var schema = Language.Schema;
        var slots = new FactSlots(new double[schema.NumberCount], new string?[schema.TextCount], LookupOf(facts));
        var known = 0;
        if (facts.Vector is NamedVector vector && vector.Names == PaymentVector.Shape)
        {
            // Its names are the first features of the schema, in their order.
            vector.Values.CopyTo(slots.Numbers);
            known = vector.Count;
        }

        foreach (var feature in schema.Features.Skip(known))
        {
            if (feature.Type == RuleType.Text)
            {
                slots.Texts[feature.Slot] = facts.Texts.GetValueOrDefault(feature.Name);
            }
            else
            {
                slots.Numbers[feature.Slot] = NumberOf(facts, feature.Name) ?? double.NaN;
            }
        }

        return slots;
    }

    private static double? NumberOf(PaymentFacts facts, string name) => name switch
    {
        ModelScore => facts.Opinion?.Score,
        ModelAnomaly => facts.Opinion?.Anomaly,
        _ => facts.Vector.GetValueOrDefault(name),
    };

    private static ListLookup? LookupOf(PaymentFacts facts) => facts.Listed.Count == 0
        ? null
        : (list, value) => facts.Listed.Contains(new ListHit(list, value));
}

/// <summary>Facts where compiled rules look for them.</summary>
internal sealed record FactSlots(double[] Numbers, string?[] Texts, ListLookup? Lists)
{
    public FeatureVector View => new(Numbers, Texts, Lists);
}
