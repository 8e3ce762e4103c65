using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ecom.Contracts.Fraud;

namespace Ecom.Fraud.Scoring;

/// <summary>Turns a calibrated probability into a decision: what costs least in expectation.</summary>
/// <remarks>
/// C. Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001, with costs that depend on the amount. A fraud
/// of amount a that passes costs its loss L = share · a + fee, a genuine payment that is refused I = share · a + anger;
/// a look costs its price and misses a share of the frauds. The price of a look beside its cost is what the team's last
/// look of a day gains: so the budget is kept by gain, not by first come. Pure; amounts are minor units of the base
/// currency.
/// </remarks>
internal sealed record CostPolicy
{
    public required double LossShare { get; init; }

    public required long DisputeFee { get; init; }

    public required double InsultShare { get; init; }

    public required long InsultCost { get; init; }

    public required long ReviewCost { get; init; }

    public required double ReviewCatches { get; init; }

    /// <summary>What a look must gain at least, not negative: 0 while the budget is not used up.</summary>
    public required double ReviewPrice { get; init; }

    /// <summary>Changes with any number.</summary>
    [JsonIgnore]
    public string Version => $"costs-{Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this)))[..12]}";

    /// <summary>What costs least.</summary>
    /// <param name="score">Probability of fraud, 0 to 1.</param>
    /// <param name="amount">What is paid, not negative.</param>
    public FraudDecision Decide(double score, long amount) =>
        ReviewGain(score, amount) > ReviewPrice ? FraudDecision.Review
        : RefusedCost(score, amount) < PassedCost(score, amount) ? FraudDecision.Block
        : FraudDecision.Allow;

    /// <summary>What a person's look gains over the better one of passing and refusing; negative if it loses.</summary>
    /// <param name="score">Probability of fraud, 0 to 1.</param>
    /// <param name="amount">What is paid, not negative.</param>
    public double ReviewGain(double score, long amount) =>
        Math.Min(PassedCost(score, amount), RefusedCost(score, amount))
        - ReviewCost - ((1 - ReviewCatches) * PassedCost(score, amount));

    private double PassedCost(double score, long amount) => score * ((LossShare * amount) + DisputeFee);

    private double RefusedCost(double score, long amount) => (1 - score) * ((InsultShare * amount) + InsultCost);
}
