using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Scoring;

/// <summary>What a version of the model says of a payment; stored with its decision.</summary>
internal sealed record ModelOpinion
{
    public required int Version { get; init; }

    /// <summary>Calibrated probability that the payment is fraud, 0 to 1.</summary>
    public required double Score { get; init; }

    /// <summary>
    /// Share of the known payments that are less odd, 0 to 1; no label enters it. Null if the version cannot say.
    /// </summary>
    public double? Anomaly { get; init; }

    /// <summary>What costs least by that score and the policy.</summary>
    public required FraudDecision Decision { get; init; }
}
