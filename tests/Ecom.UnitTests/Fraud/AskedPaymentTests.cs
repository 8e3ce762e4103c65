using Ecom.Contracts;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Storage;

namespace Ecom.UnitTests.Fraud;

public sealed class AskedPaymentTests
{
    [Fact]
    public void Payments_that_share_nothing_are_one_round()
    {
        var rounds = AskedPayment.RoundsOf([Asked("p1", "c1", "d1"), Asked("p2", "c2", "d2"), Asked("p3", null, null)]);

        Assert.Equal([["p1", "p2", "p3"]], Ids(rounds));
    }

    [Fact]
    public void Payments_that_share_anything_follow_each_other_in_their_order()
    {
        var rounds = AskedPayment.RoundsOf(
        [
            Asked("p1", "c1", "d1"), Asked("p2", "c2", "d1"), Asked("p3", "c2", "d3"), Asked("p4", "c4", "d4"),
            Asked("p1", "c5", "d5"),
        ]);

        Assert.Equal([["p1", "p4"], ["p2", "p1"], ["p3"]], Ids(rounds));
    }

    [Fact]
    public void Terminals_domains_and_networks_keep_nobody_waiting()
    {
        var rounds = AskedPayment.RoundsOf([Asked("p1", "c1", "d1"), Asked("p2", "c2", "d2")]);

        Assert.Single(rounds);
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

    private static string[][] Ids(IReadOnlyList<IReadOnlyList<AskedPayment>> rounds) =>
        [.. rounds.Select(round => round.Select(asked => asked.Payment.PaymentId).ToArray())];
}
