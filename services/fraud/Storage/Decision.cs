using System.Text.Json;
using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Scoring;

namespace Ecom.Fraud.Storage;

/// <summary>The way on which a payment came first.</summary>
internal enum Arrival
{
    Bus,
    Request,
}

/// <summary>A decision as it is stored: once a payment, never changed.</summary>
internal sealed record Decision
{
    public required string PaymentId { get; init; }

    public string? OrderId { get; init; }

    public string? CustomerId { get; init; }

    public required Money Amount { get; init; }

    public required FraudDecision Verdict { get; init; }

    public required double Score { get; init; }

    /// <summary>Weightiest first.</summary>
    public required IReadOnlyList<FraudReason> Reasons { get; init; }

    /// <summary>Version of the rules that decided.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>The numbers that the rules saw.</summary>
    public required NamedVector Vector { get; init; }

    /// <summary>What the model said; null if it was not asked.</summary>
    public ModelOpinion? Opinion { get; init; }

    /// <summary>Version of the policy that made a decision of its score; null if it was not asked.</summary>
    public string? Policy { get; init; }

    /// <summary>Why rules decided alone although there is a model; null if they did not.</summary>
    public string? Fallback { get; init; }

    /// <summary>What the challenger said, without effect; null if there was none.</summary>
    public ModelOpinion? Challenger { get; init; }

    /// <summary>The texts that the rules saw.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>Which of the texts were on which lists.</summary>
    public IReadOnlyList<ListHit> Listed { get; init; } = [];

    /// <summary>The shadow rules that held, as code@version; they had no effect.</summary>
    public IReadOnlyList<string> Shadow { get; init; } = [];

    /// <summary>All that judging it again needs.</summary>
    public PaymentFacts Facts => new() { Vector = Vector, Opinion = Opinion, Texts = Texts, Listed = Listed };

    public required Arrival Arrival { get; init; }

    public required bool Backfill { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    public string? TraceId { get; init; }

    /// <summary>Whether some of what is remembered was lost when it was decided: the vector may lack events.</summary>
    public required bool Degraded { get; init; }

    /// <summary>The alert that the payment is in; null if it raised none.</summary>
    public Guid? AlertId { get; init; }

    /// <summary>What the processor said first; null if nothing yet.</summary>
    internal bool? Succeeded { get; init; }

    internal bool AttemptCounted { get; init; }

    internal bool OutcomeCounted { get; init; }
}

/// <summary>A row of <c>decisions</c>.</summary>
internal sealed record DecisionRow
{
    public const string Columns = """
        payment_id, order_id, customer_id, amount, currency, base_amount, base_currency, decision, score,
        reasons::text as reasons, decided_by, packed_vector, vector::text as vector, texts::text as texts,
        listed::text as listed, shadow, arrival, backfill, attempted_at, decided_at,
        model_version, model_score, model_anomaly, model_decision, policy, fallback,
        challenger_version, challenger_score, challenger_decision,
        trace_id, degraded, succeeded,
        not exists (
            select from uncounted where uncounted.payment_id = decisions.payment_id and attempt) as attempt_counted,
        succeeded is not null and not exists (
            select from uncounted where uncounted.payment_id = decisions.payment_id and outcome) as outcome_counted,
        (select alert_id from alert_payments where alert_payments.payment_id = decisions.payment_id) as alert_id
        """;

    /// <summary>
    /// Nothing was paid, so that nobody can dispute it: the bank declined, or has not said yet of what was blocked.
    /// </summary>
    public const string NeverPaid = "coalesce(not succeeded, decision = 'Block')";

    public required string PaymentId { get; init; }

    public required string? OrderId { get; init; }

    public required string? CustomerId { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required long BaseAmount { get; init; }

    public required string BaseCurrency { get; init; }

    public required string Decision { get; init; }

    public required double Score { get; init; }

    public required string Reasons { get; init; }

    public required string DecidedBy { get; init; }

    public required byte[]? PackedVector { get; init; }

    public required string? Vector { get; init; }

    public required int? ModelVersion { get; init; }

    public required double? ModelScore { get; init; }

    public required double? ModelAnomaly { get; init; }

    public required string? ModelDecision { get; init; }

    public required string? Policy { get; init; }

    public required string? Fallback { get; init; }

    public required int? ChallengerVersion { get; init; }

    public required double? ChallengerScore { get; init; }

    public required string? ChallengerDecision { get; init; }

    public required string Texts { get; init; }

    public required string Listed { get; init; }

    public required string[] Shadow { get; init; }

    public required string Arrival { get; init; }

    public required bool Backfill { get; init; }

    public required DateTimeOffset AttemptedAt { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    public required string? TraceId { get; init; }

    public required bool Degraded { get; init; }

    public required bool? Succeeded { get; init; }

    public required bool AttemptCounted { get; init; }

    public required bool OutcomeCounted { get; init; }

    public required Guid? AlertId { get; init; }

    /// <param name="vector">The row's vector, as <see cref="VectorStore"/> reads it.</param>
    public Decision ToDecision(NamedVector vector) => new()
    {
        PaymentId = PaymentId,
        OrderId = OrderId,
        CustomerId = CustomerId,
        Amount = new Money
        {
            Amount = Amount,
            Currency = Currency,
            BaseAmount = BaseAmount,
            BaseCurrency = BaseCurrency,
        },
        Verdict = Enum.Parse<FraudDecision>(Decision),
        Score = Score,
        Reasons = JsonSerializer.Deserialize<List<FraudReason>>(Reasons, JsonSerializerOptions.Web)!,
        DecidedBy = DecidedBy,
        Vector = vector,
        Opinion = OpinionOf(ModelVersion, ModelScore, ModelAnomaly, ModelDecision),
        Policy = Policy,
        Fallback = Fallback,
        Challenger = OpinionOf(ChallengerVersion, ChallengerScore, null, ChallengerDecision),
        Texts = JsonSerializer.Deserialize<Dictionary<string, string>>(Texts)!,
        Listed = JsonSerializer.Deserialize<List<ListHit>>(Listed)!,
        Shadow = Shadow,
        Arrival = Enum.Parse<Arrival>(Arrival),
        Backfill = Backfill,
        AttemptedAt = AttemptedAt,
        DecidedAt = DecidedAt,
        TraceId = TraceId,
        Degraded = Degraded,
        Succeeded = Succeeded,
        AttemptCounted = AttemptCounted,
        OutcomeCounted = OutcomeCounted,
        AlertId = AlertId,
    };
    /// <summary>An opinion as it is stored in columns.</summary>
    public static ModelOpinion? OpinionOf(int? version, double? score, double? anomaly, string? decision) =>
        version is null || score is null || decision is null ? null : new ModelOpinion
        {
            Version = version.Value,
            Score = score.Value,
            Anomaly = anomaly,
            Decision = Enum.Parse<FraudDecision>(decision),
        };
}
