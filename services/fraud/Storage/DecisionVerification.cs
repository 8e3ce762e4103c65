using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Judges stored vectors again: a decision must follow from what is stored beside it.</summary>
internal sealed class DecisionVerification(NpgsqlDataSource database, RuleSetStore sets)
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
            items.Add(Verify(row.ToDecision(), await sets.FindAsync(row.DecidedBy, cancellation)));
        }

        return new VerificationPage
        {
            Items = items,
            Differing = items.Count(item => item.Same == false),
            Next = items.Count > 0 ? items[^1].PaymentId : after,
        };
    }

    private static VerifiedDecision Verify(Decision decision, RuleSet? rules) => new()
    {
        PaymentId = decision.PaymentId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Backfill = decision.Backfill,
        DecidedBy = decision.DecidedBy,
        Same = rules is null ? null : IsSame(decision, rules.Judge(decision.Facts)),
    };

    private static bool IsSame(Decision decision, Verdict verdict) =>
        decision.Verdict == verdict.Decision
        && IsSame(decision.Score, verdict.Score)
        && decision.Reasons.Count == verdict.Reasons.Count
        && decision.Reasons.Zip(verdict.Reasons, IsSame).All(same => same);

    private static bool IsSame(FraudReason one, FraudReason other) =>
        one.Code == other.Code && one.Text == other.Text
        && IsSame(one.Value, other.Value) && IsSame(one.Threshold, other.Threshold);

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

    public required string DecidedBy { get; init; }

    /// <summary>
    /// Whether the rules of that time say the same again; null if they were not kept: an earlier release decided.
    /// </summary>
    public required bool? Same { get; init; }
}
