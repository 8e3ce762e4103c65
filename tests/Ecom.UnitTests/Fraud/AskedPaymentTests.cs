using Ecom.Contracts;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Storage;

namespace Ecom.UnitTests.Fraud;

public sealed class AskedPaymentTests
{
    [Theory]
    [InlineData("p1", "c2", "d2")]
    [InlineData("p2", "c1", "d2")]
    [InlineData("p2", "c2", "d1")]
    public void Payments_that_share_an_id_a_customer_or_a_device_share_a_lock(string id, string customer, string device)
    {
        Assert.Single(Asked("p1", "c1", "d1").LockKeys.Intersect(Asked(id, customer, device).LockKeys));
    }

    [Fact]
    public void Terminals_domains_and_networks_keep_nobody_waiting()
    {
        Assert.Empty(Asked("p1", "c1", "d1").LockKeys.Intersect(Asked("p2", "c2", "d2").LockKeys));
    }

    [Fact]
    public void It_is_decided_at_the_instant_that_the_database_keeps()
    {
        var at = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
        var asked = Asked("p1", "c1", "d1", at.AddTicks(47));

        Assert.Equal(at.AddTicks(40), asked.Payment.AttemptedAt);
    }

    private static AskedPayment Asked(string id, string? customer, string? device, DateTimeOffset at = default) => new(
        new PaymentAttempted
        {
            EventId = Guid.NewGuid(),
            PaymentId = id,
            CustomerId = customer,
            TerminalId = "t",
            EmailDomain = "mail.example",
            Amount = new Money { Amount = 1, Currency = "GBP", BaseAmount = 1, BaseCurrency = "GBP" },
            Source = new Source { DeviceId = device, IpNetworkHash = "n" },
            AttemptedAt = at,
            ReceivedAt = default,
            PartitionKey = id,
        },
        Arrival.Bus);
}
