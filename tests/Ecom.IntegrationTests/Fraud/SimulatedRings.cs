using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Storage;
using Ecom.Simulator;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>A simulated shop whose payments go through the live service, one after the other.</summary>
internal sealed class SimulatedRings
{
    // What went before is imported: the service knows the customers.
    private static readonly TimeSpan _imported = TimeSpan.FromDays(30);

    private readonly ShopHistory _shop;
    private readonly DateTimeOffset _from;
    private readonly Dictionary<string, Guid?> _atOnce = [];

    public SimulatedRings(int seed)
    {
        var end = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        _shop = ShopSimulator.Generate(
            new ShopOptions
            {
                Seed = seed,
                Days = 75,
                Customers = 1_200,
                Rings = 16,
                DeviceFarms = 12,
                Backfill = false,
            },
            end);
        _from = end.AddDays(-75) + _imported;
    }

    /// <summary>Rings and farms of three accounts and more that begin after the import.</summary>
    public IReadOnlyList<FraudRing> Rings =>
    [
        .. _shop.Truth.Rings.Where(ring => ring.Accounts.Count >= 3 && ring.From >= _from),
    ];

    public ShopTruth Truth => _shop.Truth;

    /// <summary>Lets the replicas decide every payment, in order.</summary>
    public async Task FeedAsync(FraudFixture fixture)
    {
        var stores = new[] { fixture.First, fixture.Second }
            .Select(host => host.Services.GetRequiredService<DecisionStore>()).ToArray();
        foreach (var (index, payment) in Payments().Index())
        {
            var decision = await stores[index % 2].DecideAsync(
                payment, index % 3 == 0 ? Arrival.Request : Arrival.Bus, CancellationToken.None);
            _atOnce[payment.PaymentId] = decision.AlertId;
        }
    }

    /// <summary>What came of it.</summary>
    public async Task<RingFigures> MeasureAsync(string connectionString)
    {
        const string Sql = """
            select alert_payments.payment_id, alert_id, ring_id is not null as is_campaign
            from alert_payments join alerts using (alert_id)
            where alerts.state = 'open'
            """;

        await using var connection = new NpgsqlConnection(connectionString);
        var alerted = (await connection.QueryAsync<(string PaymentId, Guid AlertId, bool IsCampaign)>(Sql))
            .ToDictionary(row => row.PaymentId, row => (row.AlertId, row.IsCampaign));
        var byAccount = Payments().Where(payment => payment.CustomerId is not null)
            .ToLookup(payment => payment.CustomerId!, payment => payment.PaymentId);
        var rings = Rings.Select(ring =>
        {
            var accounts = ring.Accounts.Select(account => byAccount[account].ToArray()).ToArray();
            var alerts = accounts.SelectMany(payments => payments).Where(alerted.ContainsKey)
                .Select(payment => alerted[payment]).ToArray();
            return new RingOutcome(
                ring.Ring,
                accounts.Length,
                FirstAlerted: 1 + Array.FindIndex(accounts, payments => payments.Any(id => _atOnce[id] is not null)),
                Alerts: alerts.Select(alert => alert.AlertId).Distinct().Count(),
                IsCampaign: alerts.Length > 0 && alerts.All(alert => alert.IsCampaign),
                ThirdIsAlerted: accounts[2].Any(id => _atOnce[id] is not null));
        }).ToArray();
        var inCampaigns = alerted.Where(pair => pair.Value.IsCampaign).Select(pair => pair.Key).ToArray();
        return new RingFigures
        {
            Rings = rings,
            CampaignAlerts = alerted.Values.Where(alert => alert.IsCampaign).Distinct().Count(),
            CampaignPayments = inCampaigns.Length,
            FraudulentCampaignPayments = inCampaigns.Count(Truth.FraudPayments.ContainsKey),
            AlertedPayments = alerted.Count,
            FraudulentAlertedPayments = alerted.Keys.Count(Truth.FraudPayments.ContainsKey),
            Alerts = alerted.Values.Distinct().Count(),
            Payments = _atOnce.Count,
        };
    }

    public IEnumerable<PaymentAttempted> Payments() =>
        _shop.Events.Where(one => one.Name == "Payment Attempted").Select(one => PaymentOf(one, one.At < _from));

    private static PaymentAttempted PaymentOf(ShopEvent one, bool backfill)
    {
        var json = one.Parse();
        var (properties, context) = (json.GetProperty("properties"), json.GetProperty("context"));
        var ip = context.GetProperty("ip").GetString()!;
        var email = Text("email")!;
        var amount = (long)(properties.GetProperty("amount").GetDecimal() * 100);
        return new PaymentAttempted
        {
            EventId = Guid.NewGuid(),
            PaymentId = Text("payment_id")!,
            OrderId = Text("order_id"),
            CustomerId = one.CustomerId,
            AnonymousId = json.GetProperty("anonymousId").GetString(),
            Amount = new() { Amount = amount, Currency = "GBP", BaseAmount = amount, BaseCurrency = "GBP" },
            CardHash = Text("card_fingerprint"),
            CardScheme = Text("card_scheme"),
            CardCountry = Text("card_country"),
            EmailHash = email,
            EmailDomain = email.Split('@')[1],
            BillingCountry = Text("billing_country"),
            ShippingCountry = Text("shipping_country"),
            Succeeded = properties.GetProperty("succeeded").GetBoolean(),
            Source = new()
            {
                DeviceId = context.GetProperty("device").GetProperty("id").GetString(),
                IpHash = ip,
                IpNetworkHash = ip[..ip.LastIndexOf('.')],
                IpCountry = context.GetProperty("country").GetString(),
            },
            AttemptedAt = one.At,
            ReceivedAt = one.At,
            Backfill = backfill,
            PartitionKey = one.CustomerId ?? ip,
        };

        string? Text(string name) => properties.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}

/// <summary>What came of a ring.</summary>
/// <param name="Ring">Its name in the truth.</param>
/// <param name="Accounts">How many.</param>
/// <param name="FirstAlerted">The first account with an alert; 0 if none.</param>
/// <param name="Alerts">Alerts that its payments are in at the end.</param>
/// <param name="IsCampaign">Whether they are all of a ring.</param>
/// <param name="ThirdIsAlerted">Whether a payment of the third account was alerted.</param>
internal sealed record RingOutcome(
    string Ring, int Accounts, int FirstAlerted, int Alerts, bool IsCampaign, bool ThirdIsAlerted)
{
    public bool IsRight => Alerts == 1 && IsCampaign && FirstAlerted is > 0 and <= 3 && ThirdIsAlerted;
}

/// <summary>What came of all.</summary>
internal sealed record RingFigures
{
    public required IReadOnlyList<RingOutcome> Rings { get; init; }

    public required int CampaignAlerts { get; init; }

    public required int CampaignPayments { get; init; }

    public required int FraudulentCampaignPayments { get; init; }

    public required int AlertedPayments { get; init; }

    public required int FraudulentAlertedPayments { get; init; }

    public required int Alerts { get; init; }

    public required int Payments { get; init; }

    /// <summary>Share of the payments in campaigns' alerts that are fraud; 0 without any.</summary>
    public double Precision => CampaignPayments == 0 ? 0 : (double)FraudulentCampaignPayments / CampaignPayments;

    public override string ToString() =>
        $"""
        {Payments} payments; {Rings.Count(ring => ring.IsRight)} of {Rings.Count} rings are right;
        first alerted at account {string.Join(", ", Rings.Select(ring => ring.FirstAlerted))};
        {CampaignAlerts} campaigns, {CampaignPayments} payments, fraud {FraudulentCampaignPayments}: {Precision:0.000};
        {Alerts} alerts in all with {AlertedPayments} payments, fraud {FraudulentAlertedPayments}.
        """;
}
