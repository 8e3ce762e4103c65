using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Rules;

/// <summary>How a feature is compared with a threshold.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Comparison>))]
internal enum Comparison
{
    AtLeast,
    Above,
    AtMost,
    Below,
}

/// <summary>A feature against a threshold.</summary>
internal sealed class ConditionOptions
{
    /// <summary>A name of <c>PaymentVector.Names</c>; <c>GET /v1/rules</c> lists them.</summary>
    [Required]
    public string Feature { get; set; } = "";

    /// <summary>How they are compared. Default: at least.</summary>
    public Comparison Comparison { get; set; }

    /// <summary>The threshold, in the feature's unit.</summary>
    public double Threshold { get; set; }
}

/// <summary>A rule. Its key in the configuration is its code, which alerts show.</summary>
internal sealed class RuleOptions
{
    /// <summary>Whether it is used. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The feature it looks at; its value is the reason's value.</summary>
    public string Feature { get; set; } = "";

    /// <summary>How feature and threshold are compared. Default: at least.</summary>
    public Comparison Comparison { get; set; }

    /// <summary>The threshold, in the feature's unit.</summary>
    public double Threshold { get; set; }

    /// <summary>What else must hold; nothing by default.</summary>
    public IList<ConditionOptions> Also { get; set; } = [];

    /// <summary>How much suspicion it adds, above 0 to 1: the score is 1 − ∏(1 − weight).</summary>
    public double Weight { get; set; }

    /// <summary>The least decision when it fits, whatever the score. Default: allow: the score decides.</summary>
    public FraudDecision Action { get; set; } = FraudDecision.Allow;

    /// <summary>One sentence for people; <c>{value}</c> and <c>{threshold}</c> are filled in.</summary>
    public string Text { get; set; } = "";
}
