namespace Ecom.Fraud.Alerts;

/// <summary>How alerts and cases end.</summary>
internal static class Outcome
{
    public const string ConfirmedFraud = "confirmed_fraud";
    public const string Suspected = "suspected";
    public const string FalsePositive = "false_positive";
    public const string Inconclusive = "inconclusive";

    public static IReadOnlyList<string> All { get; } = [ConfirmedFraud, Suspected, FalsePositive, Inconclusive];

    /// <summary>What the outcome says of the payments; null if it is no verdict, and so no label.</summary>
    public static bool? LabelOf(string outcome) => outcome switch
    {
        ConfirmedFraud => true,
        FalsePositive => false,
        _ => null,
    };

    /// <summary>State of an alert that ended so.</summary>
    public static string StateOf(string outcome) => LabelOf(outcome) switch
    {
        true => AlertState.Confirmed,
        false => AlertState.Dismissed,
        null => AlertState.Closed,
    };
}

/// <summary>States of alerts.</summary>
internal static class AlertState
{
    public const string Open = "open";
    public const string Confirmed = "confirmed";
    public const string Dismissed = "dismissed";

    /// <summary>Closed without a verdict.</summary>
    public const string Closed = "closed";

    public static IReadOnlyList<string> All { get; } = [Open, Confirmed, Dismissed, Closed];
}
