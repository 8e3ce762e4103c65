using Ecom.Fraud.Storage;

namespace Ecom.Fraud.Endpoints;

/// <summary>What became known of a payment, from a source that has no dispute to send.</summary>
internal sealed record LabelRequest
{
    private const int LongestId = 100;
    private const int LongestReason = 500;

    /// <summary>A UUID that makes the label once, however often it is sent; a new one by default.</summary>
    public Guid? LabelId { get; init; }

    /// <summary>1–100 characters; required. It may come later than the label.</summary>
    public string? PaymentId { get; init; }

    /// <summary>Whether it was fraud; required.</summary>
    public bool? Fraud { get; init; }

    /// <summary>At most 500 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when it is known; now by default; not in the future, nor before the payment.</summary>
    public DateTimeOffset? KnownAt { get; init; }

    /// <summary>What is wrong, by field; empty if nothing.</summary>
    public Dictionary<string, string[]> Problems(DateTimeOffset now)
    {
        var problems = new Dictionary<string, string[]>();
        Check("paymentId", PaymentId is { Length: > 0 and <= LongestId }, $"Required: 1 to {LongestId} characters.");
        Check("fraud", Fraud is not null, "Required: whether it was fraud.");
        Check("reason", Reason is null or { Length: <= LongestReason }, $"At most {LongestReason} characters.");
        Check(
            "knownAt",
            KnownAt is not { } at || (at <= now.AddMinutes(5) && at.Year >= 2000),
            "Must be of the year 2000 or later, and not in the future.");
        return problems;

        void Check(string field, bool isRight, string problem)
        {
            if (!isRight)
            {
                problems[field] = [problem];
            }
        }
    }

    /// <summary>The label. Ask for <see cref="Problems"/> first.</summary>
    public NewLabel ToLabel(DateTimeOffset now) =>
        new(LabelId ?? Guid.CreateVersion7(now), PaymentId!, Fraud!.Value, "analyst", Reason, KnownAt ?? now);
}
