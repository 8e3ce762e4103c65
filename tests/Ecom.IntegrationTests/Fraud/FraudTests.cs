using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>The service over the real bus; every test has customers, cards, devices of its own.</summary>
public sealed class FraudTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private static readonly JsonSerializerOptions _json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(
        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Fraud);

    [Fact]
    public async Task A_ring_alerts_by_its_third_account_once_on_the_exchange_even_if_redelivered()
    {
        var ring = await SendRingAsync("ring", backfill: false);
        await fixture.PublishAsync(ring[2].EventId, ring[2]);
        await fixture.PublishAsync(ring[2].EventId, ring[2]);

        // Three cards on a device, then four and five: another leading reason, another alert, which the fifth joins.
        var ids = new[] { ring[2], ring[3], ring[3] }.Select(payment => PaymentIds.Alert(payment.PaymentId)).ToArray();
        await Eventually.ReadAsync(async () => (await AlertsOfAsync("ring")).Count, count => count == ids.Length);
        await Task.Delay(500);
        var alerts = await AlertsOfAsync("ring");

        Assert.Equal(ids, alerts.Select(alert => alert.AlertId));
        Assert.Equal(["p-3", "p-4", "p-5"], alerts.Select(alert => alert.PaymentId!.Replace("ring-", "p-")));
        Assert.Equal(
            [nameof(FraudAlertRaised), nameof(FraudAlertRaised), nameof(FraudAlertUpdated)],
            alerts.Select(alert => alert.Type));
        Assert.All(alerts.Take(2), alert => Assert.Equal(alert.AlertId.ToString(), alert.MessageId));
        Assert.Equal("device_ring", alerts[0].Body.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.Equal(ids[2], (await DecisionAsync(ring[4].PaymentId)).AlertId);
        Assert.Equal(FraudDecision.Allow, (await DecisionAsync(ring[1].PaymentId)).Decision);
    }

    [Fact]
    public async Task Features_are_of_strictly_earlier_events_and_judging_them_again_gives_the_same()
    {
        var first = await AssessAsync(Request("early-1", "ed", "d-early") with { AttemptedAt = _now.AddMinutes(-20) });
        var second = await AssessAsync(Request("early-2", "ed", "d-early"));

        Assert.Equal((0, 1), (first.Features["card_payments_1h"], second.Features["card_payments_1h"]));
        Assert.Equal((0, 1), (first.Features["device_customers_7d"], first.Features["device_customers_7d_with_this"]));
        Assert.Equal(1, second.Features["device_customers_7d_with_this"]);
        Assert.Equal(1, second.Features["amount_over_customer_mean"]);
        var stored = await DecisionAsync("early-2");
        var again = fixture.Second.Services.GetRequiredService<CurrentRules>().Now.Active.Judge(new PaymentFacts
        {
            Vector = stored.Features,
            Texts = stored.Texts,
        });
        Assert.Equal(BitConverter.DoubleToInt64Bits(second.Score), BitConverter.DoubleToInt64Bits(again.Score));
        Assert.Equal(second.Decision, again.Decision);
        Assert.Equal(second.Reasons, again.Reasons);
    }

    [Fact]
    public async Task Bus_and_requests_at_once_on_two_replicas_give_one_decision_and_count_once()
    {
        var payment = FraudFixture.Payment("both-1", "bo", "d-both", _now.AddMinutes(-5));
        var request = Request("both-1", "bo", "d-both") with { AttemptedAt = payment.AttemptedAt };
        var other = fixture.Second.CreateClient(Scopes.Fraud);
        var delivery = fixture.PublishAsync(payment.EventId, payment);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            AssessAsync(request, i % 2 == 0 ? _client : other)));
        await delivery;

        Assert.Single(answers.Select(answer => (answer.DecidedAt, answer.Arrival, answer.Score)).Distinct());
        await fixture.PublishAsync(payment.EventId, payment);
        var next = await AssessAsync(Request("both-2", "bo", "d-both"));
        Assert.Equal(1, next.Features["customer_payments_1d"]);
        Assert.Equal(1, next.Features["device_payments_1h"]);
    }

    [Fact]
    public async Task A_payment_from_the_bus_keeps_its_decision_when_it_is_assessed_later()
    {
        var payment = FraudFixture.Payment("bus-1", "bu", "d-bus", _now) with { Succeeded = false };
        await fixture.PublishAsync(payment.EventId, payment);
        await Eventually.BeTrueAsync(async () =>
            (await _client.GetAsync("/v1/decisions/bus-1")).StatusCode == HttpStatusCode.OK);

        var answer = await AssessAsync(Request("bus-1", "bu", "d-bus"));

        Assert.Equal(Arrival.Bus, answer.Arrival);
    }

    [Fact]
    public async Task An_outcome_that_comes_with_the_second_arrival_counts_once()
    {
        var request = Request("out-1", "ou", "d-out") with { AttemptedAt = _now.AddMinutes(-2) };
        await AssessAsync(request);
        await AssessAsync(request with { Succeeded = false });
        await AssessAsync(request with { Succeeded = false });

        var next = await AssessAsync(Request("out-2", "ou", "d-out"));

        Assert.Equal((1, 1), (next.Features["device_failures_1h"], next.Features["device_payments_1h"]));
    }

    [Fact]
    public async Task Imported_history_is_decided_and_counted_but_raises_nothing()
    {
        var ring = await SendRingAsync("old", backfill: true);

        var last = await DecisionAsync(ring[^1].PaymentId);
        Assert.Equal(FraudDecision.Block, last.Decision);
        Assert.Null(last.AlertId);
        Assert.Equal(4, last.Features["device_customers_7d"]);
        Assert.Equal(0, await CountAsync("select count(*) from alerts where payment_id like 'old-%'"));
    }

    [Fact]
    public async Task A_dispute_and_a_closed_alert_become_labels()
    {
        var ring = await SendRingAsync("label", backfill: false);
        var dispute = new PaymentDisputed
        {
            EventId = Guid.NewGuid(),
            PaymentId = ring[0].PaymentId,
            Reason = "fraudulent",
            DisputedAt = _now,
            ReceivedAt = _now,
            PartitionKey = ring[0].PaymentId,
        };
        await fixture.PublishAsync(dispute.EventId, dispute);
        await fixture.PublishAsync(dispute.EventId, dispute);
        var path = $"/v1/alerts/{PaymentIds.Alert(ring[2].PaymentId)}/close";

        Assert.Equal(HttpStatusCode.OK, await PostAsync(path, new { fraud = true, note = "rang them" }));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(path, new { fraud = true }));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync(path, new { fraud = false }));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(path, new { note = "no verdict" }));
        var labels = await Eventually.ReadAsync(
            async () => (await _client.GetFromJsonAsync<Page<Label>>("/v1/labels?limit=500", _json))!.Items
                .Where(label => label.PaymentId.StartsWith("label-", StringComparison.Ordinal)).ToArray(),
            found => found.Length == 2);
        Assert.Equal(["analyst", "dispute"], labels.Select(label => label.Source).Order());
        Assert.All(labels, label => Assert.True(label.Fraud));
        Assert.Equal(_now, labels.Single(label => label.Source == "dispute").KnownAt);
    }

    [Fact]
    public async Task An_erased_customer_leaves_nothing_and_does_not_come_back()
    {
        await AssessAsync(Request("gone-1", "gone", "d-gone") with { AttemptedAt = _now.AddMinutes(-9) });
        var erased = new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "gone",
            RequestedAt = _now,
            PartitionKey = "gone",
        };
        await fixture.PublishAsync(erased.EventId, erased);
        await Eventually.BeTrueAsync(async () =>
            (await _client.GetAsync("/v1/decisions/gone-1")).StatusCode == HttpStatusCode.NotFound);

        await AssessAsync(Request("gone-2", "gone", "d-gone"));
        Assert.Equal(0, await CountAsync("select count(*) from decisions where customer_id = 'gone'"));
        Assert.Equal(0, await CountAsync("select count(*) from sightings where customer_id = 'gone'"));
        var other = await AssessAsync(Request("stays-1", "stays", "d-gone"));
        Assert.Equal(0, other.Features["device_customers_7d"]);
    }

    [Fact]
    public async Task A_wrong_question_is_explained()
    {
        var answer = await _client.PostAsJsonAsync(
            "/v1/assess", new { amount = -1, currency = "USD", ip = "nowhere", cardHash = "4111" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        foreach (var field in new[] { "paymentId", "amount", "baseAmount", "ip", "cardHash" })
        {
            Assert.True(errors.TryGetProperty(field, out _), $"{field} is not explained.");
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync("/v1/alerts?state=x")).StatusCode);
        foreach (var path in new[] { "/v1/alerts?customer=a%00b", "/v1/decisions/a%00b", "/v1/rules/a%00/versions" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(
            "/v1/cases", new { customerId = "c", note = "rang\0them" }));
        Assert.Equal(HttpStatusCode.Created, await PostAsync(
            "/v1/cases", new { customerId = "c-noted", note = "rang\nthem" }));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(
            "/v1/assess", new AssessRequest { PaymentId = "a\0b", Amount = 1, Currency = "GBP" }));
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/v1/rules")).StatusCode);
        var reader = fixture.First.CreateClient(Scopes.Read);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync("/v1/alerts")).StatusCode);
    }

    [Fact]
    public async Task A_checkout_may_ask_and_nothing_else()
    {
        var checkout = fixture.First.CreateClient(Scopes.Assess);

        var answer = await checkout.PostAsJsonAsync("/v1/assess", Request("till-1", "till", "d-till"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var path in new[] { "/v1/decisions/till-1", "/v1/alerts", "/v1/rules", "/v1/models", "/v1/lists" })
        {
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, (await checkout.GetAsync(path)).StatusCode));
        }
    }

    private static AssessRequest Request(string id, string customer, string device) => new()
    {
        PaymentId = id,
        CustomerId = customer,
        Amount = 5_000,
        Currency = "GBP",
        CardFingerprint = "card-" + customer,
        DeviceId = device,
        Ip = "203.0.113.7",
    };

    // Five accounts on one device, one after the other.
    private async Task<PaymentAttempted[]> SendRingAsync(string name, bool backfill)
    {
        var ring = Enumerable.Range(1, 5)
            .Select(i => FraudFixture.Payment($"{name}-{i}", $"{name}-c{i}", $"d-{name}", _now.AddMinutes(i - 10)))
            .Select(payment => payment with { Backfill = backfill }).ToArray();
        foreach (var payment in ring)
        {
            await fixture.PublishAsync(payment.EventId, payment);
            var id = payment.PaymentId;
            await Eventually.BeTrueAsync(async () => await CountAsync(
                "select count(*) from decisions where payment_id not in (select payment_id from uncounted) "
                + $"and payment_id = '{id}'") == 1);
        }

        return ring;
    }

    private async Task<IReadOnlyList<QueuedEvent>> AlertsOfAsync(string name) =>
        [.. (await fixture.ReadAlertsAsync())
            .Where(alert => alert.PaymentId?.StartsWith(name + "-", StringComparison.Ordinal) == true)];

    private async Task<DecisionResponse> AssessAsync(AssessRequest request, HttpClient? client = null)
    {
        var answer = await (client ?? _client).PostAsJsonAsync("/v1/assess", request, _json);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<DecisionResponse>(_json))!;
    }

    private async Task<DecisionResponse> DecisionAsync(string paymentId) =>
        (await _client.GetFromJsonAsync<DecisionResponse>($"/v1/decisions/{paymentId}", _json))!;

    private async Task<HttpStatusCode> PostAsync(string path, object body) =>
        (await _client.PostAsJsonAsync(path, body)).StatusCode;

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<long>(sql);
    }
}
