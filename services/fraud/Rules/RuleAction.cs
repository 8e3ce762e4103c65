using System.Text.Json.Serialization;

namespace Ecom.Fraud.Rules;

/// <summary>What a rule that holds does beside adding its weight: allow goes before block before review.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RuleAction>))]
internal enum RuleAction
{
    /// <summary>Nothing: the score decides.</summary>
    Score,

    /// <summary>A person looks at the payment, or it is refused.</summary>
    Review,

    /// <summary>The payment is refused.</summary>
    Block,

    /// <summary>The payment passes, whatever else holds.</summary>
    Allow,
}
