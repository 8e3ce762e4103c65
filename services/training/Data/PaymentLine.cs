namespace Ecom.Training.Data;

/// <summary>A line of the fraud service's payments: the head, which comes first, or a payment.</summary>
internal sealed record PaymentLine
{
    /// <summary>Of the head: names of the features in the order of the values.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Of the head: names of the features that no label enters.</summary>
    public IReadOnlyList<string>? Unlabelled { get; init; }

    /// <summary>Of the head: days after which a payment without a label counts as genuine.</summary>
    public double LabelMaturityDays { get; init; }

    /// <summary>When it was tried.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The vector that was decided on; null is missing.</summary>
    public double?[]? Values { get; init; }

    /// <summary>What the rules of its time made of it.</summary>
    public double Score { get; init; }

    /// <summary>Which card, or customer; a number within the answer.</summary>
    public int Card { get; init; }

    /// <summary>Nothing was paid, so nobody disputes it: without a label nothing is known of it.</summary>
    public bool Refused { get; init; }

    /// <summary>What a dispute or a person said of it, oldest first.</summary>
    public IReadOnlyList<PaymentLabel> Labels { get; init; } = [];
}

/// <summary>What became known of a payment.</summary>
/// <param name="At">When.</param>
/// <param name="Fraud">Fraud, or genuine.</param>
internal readonly record struct PaymentLabel(DateTimeOffset At, bool Fraud);
