using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Scoring;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Judges stored vectors again: a decision must follow from what is stored beside it.</summary>
internal sealed class DecisionVerification(
    NpgsqlDataSource database,
    VectorStore vectors,
    RuleSetStore sets,
    CurrentModels models,
    PolicyStore policies)
{
    /// <summary>Decisions in the order of payment ids.</summary>
    /// <param name="after">Last payment id of the page before; empty begins.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<VerificationPage> VerifyAsync(string after, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {DecisionRow.Columns} from decisions where payment_id > @after order by payment_id limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<DecisionRow>(new CommandDefinition(
            Sql, new { after, limit }, cancellationToken: cancellation));
        var items = new List<VerifiedDecision>();
        foreach (var row in rows)
        {
            var vector = await vectors.ReadAsync(row.PackedVector, row.Vector, cancellation);
            items.Add(await VerifyAsync(row.ToDecision(vector), cancellation));
        }

        return new VerificationPage
        {
            Items = items,
            Differing = items.Count(item => item.Same == false),
            Next = items.Count > 0 ? items[^1].PaymentId : after,
        };
    }

    private async Task<VerifiedDecision> VerifyAsync(Decision decision, CancellationToken cancellation) => new()
    {
        PaymentId = decision.PaymentId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Backfill = decision.Backfill,
        Degraded = decision.Degraded,
        DecidedBy = decision.DecidedBy,
        ModelVersion = decision.Opinion?.Version,
        Same = await IsSameAsync(decision, cancellation),
    };

    // From the stored vector alone: the model of the time is asked again, and then the rules of the time.
    private async Task<bool?> IsSameAsync(Decision decision, CancellationToken cancellation)
    {
        if (await sets.FindAsync(decision.DecidedBy, cancellation) is not { } rules)
        {
            return null;
        }

        Assessment? asked = null;
        if (decision.Opinion is { } opinion)
        {
            var model = await models.FindAsync(opinion.Version, cancellation);
            var policy = await policies.FindAsync(decision.Policy!, cancellation);
            if (model is null || policy is null)
            {
                return null;
            }

            asked = model.Assess(decision.Vector, policy, decision.Amount.BaseAmount);
        }

        var facts = decision.Facts with { Opinion = asked?.Opinion };
        return IsSame(decision.Opinion, asked?.Opinion)
            && IsSame(decision, Judgement.Of(rules.Judge(facts), asked));
    }

    private static bool IsSame(ModelOpinion? one, ModelOpinion? other) =>
        (one is null && other is null)
        || (one is not null && other is not null && one.Decision == other.Decision
            && IsSame(one.Score, other.Score) && IsSame(one.Anomaly ?? -1, other.Anomaly ?? -1));

    private static bool IsSame(Decision decision, Verdict verdict) =>
        decision.Verdict == verdict.Decision
        && IsSame(decision.Score, verdict.Score)
        && decision.Reasons.Count == verdict.Reasons.Count
        && decision.Reasons.Zip(verdict.Reasons, IsSame).All(same => same);

    private static bool IsSame(FraudReason one, FraudReason other) =>
        one.Code == other.Code && one.Text == other.Text
        && IsSame(one.Value, other.Value) && IsSame(one.Threshold, other.Threshold)
        && IsSame(one.Contribution ?? 0, other.Contribution ?? 0);

    private static bool IsSame(double one, double other) =>
        BitConverter.DoubleToInt64Bits(one) == BitConverter.DoubleToInt64Bits(other);
}

/// <summary>A part of the decisions, judged again.</summary>
internal sealed record VerificationPage
{
    public required IReadOnlyList<VerifiedDecision> Items { get; init; }

    /// <summary>How many of them do not follow from their vectors.</summary>
    public required int Differing { get; init; }

    /// <summary>What to send as <c>after</c> for the part that follows.</summary>
    public required string Next { get; init; }
}

/// <summary>A decision, judged again.</summary>
internal sealed record VerifiedDecision
{
    public required string PaymentId { get; init; }

    public required FraudDecision Decision { get; init; }

    public required double Score { get; init; }

    public required bool Backfill { get; init; }

    /// <summary>Decided while counters were not whole.</summary>
    public required bool Degraded { get; init; }

    public required string DecidedBy { get; init; }

    /// <summary>The version of the model that was asked; null if none was.</summary>
    public required int? ModelVersion { get; init; }

    /// <summary>
    /// Whether the model, the policy and the rules of that time say the same again; null if they were not kept: an
    /// earlier release decided.
    /// </summary>
    public required bool? Same { get; init; }
}
