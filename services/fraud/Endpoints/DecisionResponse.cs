using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;

namespace Ecom.Fraud.Endpoints;

/// <summary>A decision, and what it rests on.</summary>
internal sealed record DecisionResponse
{
    public required string PaymentId { get; init; }

    /// <summary>allow, review or block; the storefront acts on it.</summary>
    public required FraudDecision Decision { get; init; }

    /// <summary>Risk in [0, 1].</summary>
    public required double Score { get; init; }

    /// <summary>Weightiest first.</summary>
    public required IReadOnlyList<FraudReason> Reasons { get; init; }

    /// <summary>Version of the rules that decided.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>What the model said; null if it was not asked.</summary>
    public required ModelOpinion? Model { get; init; }

    /// <summary>Version of the costs by which its score became a decision; null likewise.</summary>
    public required string? Policy { get; init; }

    /// <summary>Why rules decided alone although there is a model; null if they did not.</summary>
    public required string? Fallback { get; init; }

    /// <summary>What the challenger said, without effect; null if there was none.</summary>
    public required ModelOpinion? Challenger { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    /// <summary>The way on which the payment came first.</summary>
    public required Arrival Arrival { get; init; }

    /// <summary>Part of a history import: it raised no alert.</summary>
    public required bool Backfill { get; init; }

    /// <summary>The alert that the payment raised or joined; null if none.</summary>
    public required Guid? AlertId { get; init; }

    /// <summary>What the rules saw: strictly earlier events, and the payment's own fields.</summary>
    public required IReadOnlyDictionary<string, double?> Features { get; init; }

    /// <summary>The texts that the rules saw; card, addresses and e-mail as keyed hashes.</summary>
    public required IReadOnlyDictionary<string, string> Texts { get; init; }

    /// <summary>Which of the texts were on which lists.</summary>
    public required IReadOnlyList<ListHit> Listed { get; init; }

    /// <summary>The shadow rules that held, as code@version, without effect.</summary>
    public required IReadOnlyList<string> Shadow { get; init; }

    public required string? TraceId { get; init; }

    /// <summary>
    /// True if it was decided while what is remembered was being rebuilt after a loss: features may lack earlier
    /// events. The rules decided on what was there.
    /// </summary>
    public required bool Degraded { get; init; }

    public static DecisionResponse Of(Decision decision) => new()
    {
        PaymentId = decision.PaymentId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Reasons = decision.Reasons,
        DecidedBy = decision.DecidedBy,
        Model = decision.Opinion,
        Policy = decision.Policy,
        Fallback = decision.Fallback,
        Challenger = decision.Challenger,
        DecidedAt = decision.DecidedAt,
        AttemptedAt = decision.AttemptedAt,
        Arrival = decision.Arrival,
        Backfill = decision.Backfill,
        AlertId = decision.AlertId,
        Features = decision.Vector,
        Texts = decision.Texts,
        Listed = decision.Listed,
        Shadow = decision.Shadow,
        TraceId = decision.TraceId,
        Degraded = decision.Degraded,
    };
}
