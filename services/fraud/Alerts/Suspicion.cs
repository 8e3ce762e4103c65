using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Storage;

namespace Ecom.Fraud.Alerts;

/// <summary>A payment that a person should see.</summary>
internal sealed record Suspicion
{
    public required PaymentAttempted Payment { get; init; }

    public required Decision Decision { get; init; }

    /// <summary>The ring whose alert it raises; null if it raises one of its own.</summary>
    public required Campaign? Campaign { get; init; }

    /// <summary>What it has in common with all that are one alert: see <see cref="AlertKey"/>.</summary>
    public required string DedupBase { get; init; }

    /// <summary>What it did to the rings; null if nothing ties it.</summary>
    public required RingPlan? Ring { get; init; }

    /// <summary>Trace that others are told in; null starts none.</summary>
    public required string? TraceParent { get; init; }

    /// <summary>Rings whose alerts are of the same campaign; none without one.</summary>
    public Guid[] Rings => Campaign is null ? [] : [Campaign.RingId, .. Ring!.Absorbed];

    /// <summary>The alert that it raises, without its case.</summary>
    public FraudAlertRaised ToAlert(AlertOptions options) => new()
    {
        AlertId = PaymentIds.Alert(Decision.PaymentId),
        PaymentId = Decision.PaymentId,
        OrderId = Decision.OrderId,
        CustomerId = Decision.CustomerId,
        Decision = Decision.Verdict,
        Score = Decision.Score,
        Amount = Decision.Amount,
        Reasons = Decision.Reasons,
        RaisedAt = Decision.DecidedAt,
        TraceId = Decision.TraceId,
        DedupKey = AlertKey.Of(DedupBase, Payment.AttemptedAt),
        Severity = Severity.Of(Decision.Verdict, Decision.Score, 1, Payment.Amount.BaseAmount, options),
        Entities = new FraudEntities
        {
            CustomerId = Payment.CustomerId,
            CardHash = Payment.CardHash,
            DeviceId = Payment.Source.DeviceId,
            IpHash = Payment.Source.IpHash,
        },
        AmountAtRisk = new Money
        {
            Amount = Payment.Amount.BaseAmount,
            Currency = Payment.Amount.BaseCurrency,
            BaseAmount = Payment.Amount.BaseAmount,
            BaseCurrency = Payment.Amount.BaseCurrency,
        },
        OccurredAt = Payment.AttemptedAt,
        DecidedBy = Decision.DecidedBy,
        ModelVersion = Decision.Opinion?.Version,
        Fallback = Decision.Fallback,
        Degraded = Decision.Degraded,
        RingId = Campaign?.RingId,
        RingCustomers = Campaign?.Customers.Count,
    };
}
