using System.ComponentModel.DataAnnotations;

namespace Ecom.Fraud.Scoring;

/// <summary>
/// Section <c>Fraud:Costs</c>: what mistakes cost, in minor units of the base currency, and how much a team can look
/// at. From these follow the thresholds.
/// </summary>
internal sealed class CostOptions
{
    /// <summary>Share of the amount that is lost when a fraud passes. Default 1.</summary>
    [Range(0.0, 10.0)]
    public double LossShare { get; init; } = 1;

    /// <summary>What a dispute costs beside the amount. Default 1,500.</summary>
    [Range(0L, 1_000_000_000L)]
    public long DisputeFee { get; init; } = 1_500;

    /// <summary>Share of the amount that is lost when a genuine payment is refused: the margin. Default 0.3.</summary>
    [Range(0.0, 10.0)]
    public double InsultShare { get; init; } = 0.3;

    /// <summary>What the anger of a customer who is refused costs beside it. Default 2,000.</summary>
    [Range(0L, 1_000_000_000L)]
    public long InsultCost { get; init; } = 2_000;

    /// <summary>What a person's look at a payment costs. Default 300.</summary>
    [Range(0L, 1_000_000_000L)]
    public long ReviewCost { get; init; } = 300;

    /// <summary>Share of the frauds among what people look at that they find. Default 0.9.</summary>
    [Range(0.0, 1.0)]
    public double ReviewCatches { get; init; } = 0.9;

    /// <summary>
    /// Payments that the team can look at in a day, those of rules included. When more would be worth a look, the
    /// model sends those that gain most. Default 200.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReviewsPerDay { get; init; } = 200;

    public CostPolicy ToPolicy(double reviewPrice) => new()
    {
        LossShare = LossShare,
        DisputeFee = DisputeFee,
        InsultShare = InsultShare,
        InsultCost = InsultCost,
        ReviewCost = ReviewCost,
        ReviewCatches = ReviewCatches,
        ReviewPrice = reviewPrice,
    };
}
