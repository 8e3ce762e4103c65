using System.ComponentModel.DataAnnotations;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Cases;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Webhooks;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud;

/// <summary>Section <c>Fraud</c> of the configuration; checked when the service starts.</summary>
internal sealed class FraudOptions
{
    public const string Section = "Fraud";

    /// <summary>
    /// Rules by code, taken over when the service starts. What is configured changes or adds to the default ones:
    /// <c>Fraud:Rules:device_ring:When</c> changes a condition, <c>Fraud:Rules:device_ring:Enabled</c> switches a rule
    /// off. A rule that the team has activated or retired itself stays as it left it.
    /// </summary>
    public Dictionary<string, RuleOptions> Rules { get; init; } = DefaultRules.Make();

    /// <summary>Score from which a person looks at a payment. Default 0.5.</summary>
    public double ReviewAt { get; init; } = 0.5;

    /// <summary>Score from which a payment is refused. Default 0.9.</summary>
    public double BlockAt { get; init; } = 0.9;

    /// <summary>Payments that are older than this when they arrive raise no alert. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// After how long without a dispute a payment is taken for genuine. Default 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan LabelMaturity { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// File with a line <c>code,latitude,longitude</c> for each country, like <c>GB,54.0,-2.5</c>: for travel that is
    /// too fast. Default none: nothing is said of travel.
    /// </summary>
    public string? Countries { get; init; }

    /// <summary>What is one alert, and how urgent it is.</summary>
    [ValidateObjectMembers]
    public AlertOptions Alerts { get; init; } = new();

    /// <summary>What ties customers together.</summary>
    [ValidateObjectMembers]
    public RingOptions Rings { get; init; } = new();

    /// <summary>How soon cases must be closed.</summary>
    [ValidateObjectMembers]
    public CaseOptions Cases { get; init; } = new();

    /// <summary>What mistakes of the model cost.</summary>
    [ValidateObjectMembers]
    public CostOptions Costs { get; init; } = new();

    /// <summary>When the model is not trusted.</summary>
    [ValidateObjectMembers]
    public ModelOptions Model { get; init; } = new();

    /// <summary>Where webhooks may lead.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>The shop's base currency, ISO 4217, as ingestion has it. Default GBP.</summary>
    [Required]
    [RegularExpression("^[A-Z]{3}$")]
    public string BaseCurrency { get; init; } = "GBP";
}
