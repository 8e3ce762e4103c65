using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.UnitTests.Fraud;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>What the service remembers and serves, against the same computation without it.</summary>
public sealed class LiveFeatureTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    // A quarter to an hour: what is known half an hour later lies in another tile, whatever the time of the run.
    private readonly DateTimeOffset _now = new DateTimeOffset(
        TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, TimeSpan.Zero)
        .AddMinutes(-15);

    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Fraud);

    private DecisionStore Decisions => fixture.First.Services.GetRequiredService<DecisionStore>();

    private LabelStore Labels => fixture.First.Services.GetRequiredService<LabelStore>();

    [Fact]
    public async Task Served_vectors_are_the_replayed_ones_bit_for_bit_and_a_lost_payment_would_show()
    {
        var (whole, lacking) = (new FeatureMemory(FraudFeatures.Set), new FeatureMemory(FraudFeatures.Set));
        var (options, rings) = (new RingOptions(), new RingMemory(new RingOptions()));
        var (differing, differingIfLost) = (0, 0);
        for (var i = 0; i < 40; i++)
        {
            var payment = Payment("live", i);
            var decision = await Decisions.DecideAsync(payment, Arrival.Request, CancellationToken.None);
            var shopEvent = PaymentVector.EventOf(payment);
            var plan = RingPayment.Of(payment, options) is { } tied ? rings.Add(tied) : null;
            var ring = RingFeatures.Of(plan, options.Window);
            differing += Same(decision.Vector, Replayed(whole, shopEvent, ring)) ? 0 : 1;
            differingIfLost += Same(decision.Vector, Replayed(lacking, shopEvent, ring)) ? 0 : 1;
            whole.Add(shopEvent);
            if (i != 5)
            {
                lacking.Add(shopEvent);
            }

            if (i % 4 == 3)
            {
                var label = new NewLabel(
                    Guid.NewGuid(), $"live-{i - 2}", i % 8 == 3, "analyst", null, payment.AttemptedAt.AddMinutes(5));
                await Labels.RecordAsync(label, CancellationToken.None);
                await CountedAsync(label.PaymentId);
                var known = PaymentVector.LabelOf(
                    PaymentVector.EventOf(Payment("live", i - 2)), label.Fraud, label.KnownAt);
                whole.Add(known);
                lacking.Add(known);
            }
        }

        Assert.Equal(0, differing);
        Assert.InRange(differingIfLost, 1, 39);
    }

    [Fact]
    public async Task Every_message_three_times_in_the_order_A_B_A_leaves_the_counters_of_one_clean_replay()
    {
        var payments = Enumerable.Range(0, 16).Select(i => Payment("aba", i)).ToArray();
        var disputes = Enumerable.Range(0, 5).Select(i => new PaymentDisputed
        {
            EventId = Guid.NewGuid(),
            PaymentId = payments[3 * i].PaymentId,
            Reason = i == 4 ? "product_not_received" : "fraudulent",
            DisputedAt = _now.AddMinutes(-i),
            ReceivedAt = _now,
            PartitionKey = payments[3 * i].PaymentId,
        }).ToArray();
        for (var i = 0; i < payments.Length; i++)
        {
            // A, B, A — and disputes before and after their payments.
            foreach (var at in new[] { i, (i + 1) % payments.Length, i })
            {
                await fixture.PublishAsync(payments[at].EventId, payments[at]);
                await fixture.PublishAsync(disputes[at % 5].EventId, disputes[at % 5]);
            }
        }

        await Eventually.BeTrueAsync(async () => await ScalarAsync("""
            select count(*) from decisions
            where payment_id like 'aba-%' and payment_id not in (select payment_id from uncounted)
            """) == 16
            && await ScalarAsync("select count(*) from labels where payment_id like 'aba-%' and counted") == 5);
        var memory = new FeatureMemory(FraudFeatures.Set);
        foreach (var payment in payments)
        {
            memory.Add(PaymentVector.EventOf(payment));
        }

        foreach (var dispute in disputes)
        {
            memory.Add(PaymentVector.LabelOf(
                PaymentVector.EventOf(payments.Single(payment => payment.PaymentId == dispute.PaymentId)),
                LabelStore.IsFraud(dispute),
                dispute.DisputedAt));
        }

        var store = fixture.Second.Services.GetRequiredService<OnlineFeatures>().Active;
        var entities = payments.Select(PaymentVector.EventOf).SelectMany(PaymentVector.EntitiesOf).Distinct().ToArray();
        Assert.True(entities.Length > 15);
        foreach (var entity in entities)
        {
            var stored = await store.ReadStoredAsync(entity, CancellationToken.None);
            Assert.Equal(
                new SortedDictionary<string, string>(memory.Find(entity)!.Fields().ToDictionary()),
                new SortedDictionary<string, string>(stored.Fields().ToDictionary()));
        }
    }

    [Fact]
    public async Task A_verdict_counts_once_from_its_arrival_whoever_says_it_again()
    {
        await Decisions.DecideAsync(Payment("once", 0), Arrival.Request, CancellationToken.None);
        var label = new LabelRequest
        {
            LabelId = Guid.NewGuid(),
            PaymentId = "once-0",
            Fraud = true,
            KnownAt = Payment("once", 1).AttemptedAt.AddMinutes(30),
        };
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(label));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(label));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(label with { LabelId = Guid.NewGuid() }));
        await CountedAsync("once-0");

        var before = await Decisions.DecideAsync(Payment("once", 1), Arrival.Request, CancellationToken.None);
        var after = await Decisions.DecideAsync(Payment("once", 2), Arrival.Request, CancellationToken.None);

        Assert.Equal((0, 0), (before.Vector["terminal_frauds_7d"], before.Vector["customer_frauds_7d"]));
        foreach (var name in new[]
        {
            "terminal_frauds_7d", "terminal_labels_7d", "customer_frauds_7d", "card_frauds_30d", "device_frauds_30d",
            "ip_frauds_30d", "address_frauds_30d", "email_domain_frauds_7d",
        })
        {
            Assert.Equal(1, after.Vector[name]);
        }
    }

    [Fact]
    public async Task A_label_of_an_unknown_payment_waits_for_it()
    {
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(new LabelRequest
        {
            PaymentId = "wait-0",
            Fraud = true,
            KnownAt = Payment("wait", 0).AttemptedAt.AddHours(1),
        }));
        await Task.Delay(1_500);
        Assert.Equal(
            1, await ScalarAsync("select count(*) from labels where payment_id = 'wait-0' and counted is null"));

        await Decisions.DecideAsync(Payment("wait", 0), Arrival.Request, CancellationToken.None);
        await CountedAsync("wait-0");

        var next = await Decisions.DecideAsync(Payment("wait", 2), Arrival.Request, CancellationToken.None);
        Assert.Equal(1, next.Vector["device_frauds_30d"]);
    }

    [Fact]
    public async Task An_old_payment_that_nobody_disputed_becomes_genuine_once()
    {
        foreach (var i in new[] { 0, 1 })
        {
            await Decisions.DecideAsync(
                Payment("old", i) with { AttemptedAt = _now.AddDays(-40) }, Arrival.Request, CancellationToken.None);
        }

        await Labels.RecordAsync(
            new NewLabel(Guid.NewGuid(), "old-1", true, "analyst", null, _now), CancellationToken.None);
        Assert.Equal(0, await Labels.MatureAsync(TimeSpan.FromDays(30), 100, CancellationToken.None));
        await ExecuteAsync(
            "update decisions set decided_at = now() - interval '2 hours' where payment_id like 'old-%'");

        Assert.Equal(2, await Labels.MatureAsync(TimeSpan.FromDays(30), 100, CancellationToken.None));
        Assert.Equal(0, await Labels.MatureAsync(TimeSpan.FromDays(30), 100, CancellationToken.None));
        await CountedAsync("old-0");

        var label = (await _client.GetFromJsonAsync<Page<Label>>("/v1/labels?limit=500"))!.Items
            .Single(label => label.PaymentId == "old-0");
        Assert.Equal((false, "maturity", _now.AddDays(-10)), (label.Fraud, label.Source, label.KnownAt));
        var next = await Decisions.DecideAsync(
            Payment("old", 2) with { AttemptedAt = _now }, Arrival.Request, CancellationToken.None);
        Assert.Equal(10 * 86_400, next.Vector["terminal_since_cleared_365d"]!.Value, 1.0);
    }

    [Fact]
    public async Task A_wrong_label_is_explained()
    {
        using var answer = await _client.PostAsJsonAsync(
            "/v1/labels", new LabelRequest { PaymentId = "", KnownAt = _now.AddDays(1) });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Equal(
            ["fraud", "knownAt", "paymentId"], errors.EnumerateObject().Select(error => error.Name).Order());
    }

    [Fact]
    public async Task A_label_from_before_its_payment_is_refused()
    {
        var payment = Payment("early", 0);
        await Decisions.DecideAsync(payment, Arrival.Request, CancellationToken.None);
        var label = new LabelRequest { PaymentId = payment.PaymentId, Fraud = true };

        foreach (var at in new[] { payment.AttemptedAt.AddSeconds(-1), new(1999, 12, 31, 0, 0, 0, TimeSpan.Zero) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(label with { KnownAt = at }));
        }

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(label with { KnownAt = payment.AttemptedAt }));
    }

    [Theory]
    [InlineData("""{"paymentId":"bad","amount":5,"currency":"GBP","deviceId":"d\n1"}""", "deviceId")]
    [InlineData("""{"paymentId":"bad","amount":-5,"currency":"GBP"}""", "amount")]
    [InlineData("""{"paymentId":"bad","amount":5,"currency":"pounds"}""", "currency")]
    [InlineData("""{"paymentId":"bad","amount":5,"baseAmount":5,"currency":"QQQ"}""", "currency")]
    [InlineData("""{"paymentId":"bad","amount":5,"currency":"GBP","deviceId":""}""", "deviceId")]
    [InlineData("""{"paymentId":"bad","amount":5,"currency":"GBP","ipNetworkHash":"10.0.0"}""", "ipNetworkHash")]
    public async Task A_bad_payment_is_refused_and_leaves_nothing(string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync("/v1/assess", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.True(errors.TryGetProperty(field, out _));
        Assert.Equal(0, await ScalarAsync("select count(*) from decisions where payment_id = 'bad'"));
    }

    [Fact]
    public async Task A_payment_without_device_card_and_customer_is_decided_on_what_is_known()
    {
        var payment = Payment("bare", 0) with
        {
            CustomerId = null,
            CardHash = null,
            TerminalId = null,
            Source = new() { IpHash = "bare-ip" },
        };

        var vector = (await Decisions.DecideAsync(payment, Arrival.Request, CancellationToken.None)).Vector;

        Assert.All(vector.Where(pair => pair.Key.StartsWith("device_", StringComparison.Ordinal)
            || pair.Key.StartsWith("terminal_", StringComparison.Ordinal)), pair => Assert.Null(pair.Value));
        Assert.Equal((0, 1), (vector["ip_payments_1h"], vector["customer_is_new"]));
    }

    // Few of everything, so that they meet; an hour apart.
    private PaymentAttempted Payment(string name, int i) =>
        FraudFixture.Payment($"{name}-{i}", $"{name}-c{i % 3}", $"{name}-d{i % 2}", _now.AddHours(i - 48)) with
        {
            EventId = PaymentIds.Scored($"{name} {i}"),
            CustomerId = i % 7 == 6 ? null : $"{name}-c{(i < 3 ? 0 : i % 3)}",
            CardHash = $"{name}-card{(i < 3 ? 0 : i % 4)}",
            CardCountry = i % 2 == 0 ? "GB" : "FR",
            BillingCountry = "GB",
            ShippingCountry = i % 5 == 0 ? "FR" : "GB",
            BillingAddressHash = $"{name}-home",
            ShippingAddressHash = i % 4 == 3 ? $"{name}-away" : $"{name}-home",
            EmailDomain = $"{name}.example",
            TerminalId = $"{name}-t",
            Succeeded = i % 3 == 2 ? false : null,
            Source = new()
            {
                DeviceId = $"{name}-d{(i < 3 ? 0 : i % 2)}",
                IpHash = $"{name}-ip{(i < 3 ? 0 : i % 3)}",
                IpNetworkHash = $"{name}-net",
                IpCountry = i % 6 == 5 ? "BR" : "GB",
            },
        };

    private static IReadOnlyDictionary<string, double?> Replayed(
        FeatureMemory memory, ShopEvent payment, double[] ring) =>
        PaymentVector.Of(
            payment, [.. PaymentVector.EntitiesOf(payment).Select(memory.Find).OfType<EntityState>()], ring);

    private static bool Same(IReadOnlyDictionary<string, double?> left, IReadOnlyDictionary<string, double?> right) =>
        left.Count == right.Count && left.All(pair => Bits(pair.Value) == Bits(right[pair.Key]));

    private static long? Bits(double? value) => value is { } number ? BitConverter.DoubleToInt64Bits(number) : null;

    private Task CountedAsync(string paymentId) => Eventually.BeTrueAsync(async () => await ScalarAsync($"""
        select count(*) from labels where payment_id = '{paymentId}' and counted is null
        """) == 0);

    private async Task<HttpStatusCode> PostAsync(LabelRequest label)
    {
        using var answer = await _client.PostAsJsonAsync("/v1/labels", label);
        return answer.StatusCode;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        await connection.ExecuteAsync(sql);
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<long>(sql);
    }
}
