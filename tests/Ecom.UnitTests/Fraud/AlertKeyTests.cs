using Ecom.Contracts;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Alerts;

namespace Ecom.UnitTests.Fraud;

/// <summary>Which payments are one alert, and how urgent it is.</summary>
public sealed class AlertKeyTests
{
    private static readonly AlertOptions _options = new();

    [Theory]
    [InlineData("device_ring", "device:d|device_ring")]
    [InlineData("card_velocity_1h", "card:k|card_velocity_1h")]
    [InlineData("ip_cards_1h", "ip:i|ip_cards_1h")]
    [InlineData("customer_cards_7d", "customer:c|customer_cards_7d")]
    [InlineData("amount_unusual", "customer:c|amount_unusual")]
    [InlineData("card_testing", "device:d|card_testing")]
    public void A_reason_is_about_the_entity_that_it_names(string code, string key) =>
        Assert.Equal(key, KeyOf(Payment(), code));

    [Fact]
    public void What_a_payment_lacks_gives_way_to_what_it_has()
    {
        Assert.Equal("customer:c|device_ring", KeyOf(Payment() with { Source = new Source() }, "device_ring"));
        var bare = Payment() with { CustomerId = null, CardHash = null, Source = new Source() };
        Assert.Equal("customer:a|device_ring", KeyOf(bare with { AnonymousId = "a" }, "device_ring"));
        Assert.Equal("payment:p|device_ring", KeyOf(bare, "device_ring"));
        Assert.Equal("customer:c|score", KeyOf(Payment()));
    }

    [Fact]
    public void The_key_that_others_see_has_the_begin_of_the_window()
    {
        var start = new DateTimeOffset(2026, 3, 1, 12, 1, 30, 250, TimeSpan.FromHours(2));
        Assert.Equal("device:d|device_ring|2026-03-01T10:01:30.25Z", AlertKey.Of("device:d|device_ring", start));
    }

    [Theory]
    [InlineData(FraudDecision.Review, 0.5, 1, 1_000, FraudSeverity.Low)]
    [InlineData(FraudDecision.Review, 0.7, 1, 1_000, FraudSeverity.Medium)]
    [InlineData(FraudDecision.Block, 0.5, 1, 1_000, FraudSeverity.High)]
    [InlineData(FraudDecision.Review, 0.5, 9, 99_999, FraudSeverity.Low)]
    [InlineData(FraudDecision.Review, 0.5, 10, 1_000, FraudSeverity.Medium)]
    [InlineData(FraudDecision.Review, 0.5, 10, 100_000, FraudSeverity.High)]
    [InlineData(FraudDecision.Block, 1.0, 10, 100_000, FraudSeverity.Critical)]
    public void Severity_rises_with_decision_score_payments_and_money(
        FraudDecision decision, double score, int occurrences, long amount, FraudSeverity severity) =>
        Assert.Equal(severity, Severity.Of(decision, score, occurrences, amount, _options));

    [Theory]
    [InlineData(Outcome.ConfirmedFraud, AlertState.Confirmed, true)]
    [InlineData(Outcome.FalsePositive, AlertState.Dismissed, false)]
    [InlineData(Outcome.Suspected, AlertState.Closed, null)]
    [InlineData(Outcome.Inconclusive, AlertState.Closed, null)]
    public void Only_a_verdict_is_a_label(string outcome, string state, bool? label) =>
        Assert.Equal((state, label), (Outcome.StateOf(outcome), Outcome.LabelOf(outcome)));

    private static string KeyOf(PaymentAttempted payment, params string[] codes)
    {
        var reasons = codes.Select(code => new FraudReason { Code = code, Text = code, Value = 1, Threshold = 1 });
        return AlertKey.BaseOf(payment, [.. reasons], _options.Entities);
    }

    private static PaymentAttempted Payment() => new()
    {
        EventId = Guid.Empty,
        PaymentId = "p",
        CustomerId = "c",
        CardHash = "k",
        Amount = new Money { Amount = 1, Currency = "GBP", BaseAmount = 1, BaseCurrency = "GBP" },
        Source = new Source { DeviceId = "d", IpHash = "i" },
        AttemptedAt = default,
        ReceivedAt = default,
        PartitionKey = "c",
    };
}
