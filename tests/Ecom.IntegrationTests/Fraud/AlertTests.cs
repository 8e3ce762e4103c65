using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>What is one alert, what the team does with it, and what it is told.</summary>
public sealed class AlertTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    private static readonly JsonSerializerOptions _json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(
        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Fraud);

    [Fact]
    public async Task Payments_of_one_key_at_once_on_two_replicas_are_one_alert_told_of_in_order()
    {
        await CrowdAsync("crowd", 6);
        var other = fixture.Second.CreateClient(Scopes.Fraud);
        var answers = await Task.WhenAll(Enumerable.Range(7, 20).Select(i =>
            AssessAsync(Request("crowd", i), i % 2 == 0 ? _client : other)));

        var alertId = Assert.Single(answers.Select(answer => answer.AlertId).Distinct())!.Value;
        var alert = await ReadAsync(alertId);
        Assert.Equal((20, 20 * 5_000L, 20), (alert.Occurrences, alert.AmountAtRisk.BaseAmount, alert.Version));
        Assert.Equal(FraudSeverity.Critical, alert.Severity);
        var told = await Eventually.ReadAsync(() => QueuedAsync(alertId), events => events.Count == 20);
        Assert.Equal(Enumerable.Range(1, 20), told.Select(one => one.Version));
        Assert.Equal(20, told.Select(one => one.PaymentId).Distinct().Count());
        Assert.Equal("alert.raised.high", told[0].RoutingKey);
        Assert.Equal("alert.updated.critical", told[^1].RoutingKey);
        var escalation = Assert.Single(
            told, one => one.Body.TryGetProperty("change", out var change) && change.GetString() == "escalated");
        Assert.Equal(10, escalation.Body.GetProperty("occurrences").GetInt32());
    }

    [Fact]
    public async Task Writers_that_share_no_lock_but_the_alerts_own_make_one_alert()
    {
        await Task.WhenAll(Enumerable.Range(1, 6).Select(async i =>
        {
            var host = i % 2 == 0 ? fixture.First : fixture.Second;
            var payment = FraudFixture.Payment($"direct-{i}", $"direct-c{i}", "d-direct", _now);
            var decision = DecisionOn(payment);
            await using var connection = await host.Services.GetRequiredService<NpgsqlDataSource>()
                .OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var batch = new NpgsqlBatch(connection);
            DecisionInsert.Add(batch, payment, decision, PackedVector.Pack(1, decision.Vector.Values));
            await batch.ExecuteNonQueryAsync();
            await host.Services.GetRequiredService<AlertWriter>()
                .RaiseAsync(connection, payment, decision, ring: null, default);
            await transaction.CommitAsync();
        }));

        Assert.Equal([6], await QueryAsync<int>(
            "select occurrences from alerts where dedup_base = 'device:d-direct|device_ring'"));
    }

    [Fact]
    public async Task Another_window_or_a_closed_alert_begins_a_new_one()
    {
        await CrowdAsync("window", 5);
        var first = await AssessAsync(Request("window", 6) with { AttemptedAt = _now.AddMinutes(-1) });
        var within = await AssessAsync(Request("window", 7) with { AttemptedAt = _now.AddMinutes(-30) });
        var before = await AssessAsync(Request("window", 8) with { AttemptedAt = _now.AddMinutes(-31.5) });
        Assert.Equal(first.AlertId, within.AlertId);
        Assert.NotEqual(first.AlertId, before.AlertId);

        await PostAsync($"/v1/alerts/{first.AlertId}/close", new { fraud = true });
        var after = await AssessAsync(Request("window", 9) with { AttemptedAt = _now });
        Assert.NotEqual(first.AlertId, after.AlertId);
        var labels = await QueryAsync<string>("select payment_id from labels where payment_id like 'window-%'");
        Assert.Equal(["window-6", "window-7"], labels.Order());
    }

    [Fact]
    public async Task An_alert_is_acknowledged_assigned_and_resolved_with_versions()
    {
        await CrowdAsync("work", 5);
        var path = $"/v1/alerts/{(await AssessAsync(Request("work", 6))).AlertId}";
        var acknowledged = await PostAsync($"{path}/ack", new { version = 1 });
        Assert.Equal("\"2\"", acknowledged.Headers.ETag?.Tag);

        var stale = await PostAsync($"{path}/assign", new { assignee = "ann", version = 1 });
        var current = (await ReadAsync<JsonElement>(stale)).GetProperty("current");
        Assert.Equal((HttpStatusCode.Conflict, 2), (stale.StatusCode, current.GetProperty("version").GetInt32()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await AssignAsync(path, "\"1\"")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await AssignAsync(path, "\"x\"")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AssignAsync(path, "\"2\"")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync($"{path}/resolve", new { outcome = "x" })).StatusCode);
        var resolved = await PostAsync($"{path}/resolve", new { outcome = "suspected", note = "unclear", version = 3 });
        var alert = await ReadAsync<Alert>(resolved);
        Assert.Equal(
            ("closed", "suspected", "unclear", "ann", "client-fraud", 4),
            (alert.State, alert.Outcome, alert.Note, alert.Assignee, alert.ClosedBy, alert.Version));
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync($"{path}/assign", new { })).StatusCode);
        Assert.Empty(await QueryAsync<string>("select payment_id from labels where payment_id = 'work-6'"));

        var events = (await _client.GetFromJsonAsync<Page<EventResponse>>($"{path}/events", _json))!.Items;
        Assert.Equal(
            [null, "acknowledged", "assigned", "resolved"],
            events.Select(one => one.Data.TryGetProperty("change", out var change) ? change.GetString() : null));
        Assert.Equal([null, .. Enumerable.Repeat("client-fraud", 3)], events.Select(one => one.By));
        await Eventually.ReadAsync(() => QueuedAsync(alert.Raised.AlertId), told => told.Count == 4);
    }

    [Fact]
    public async Task Lists_are_filtered_and_a_wrong_filter_is_explained()
    {
        await CrowdAsync("list", 5);
        await AssessAsync(Request("list", 6));
        await AssessAsync(Request("list", 7));

        Assert.Single(await ListAsync("customer=list-c6"));
        Assert.Empty(await ListAsync("customer=list-c7"));
        Assert.Single(await ListAsync("device=d-list&reason=device_crowd&decision=block&state=open&severity=high"));
        Assert.Empty(await ListAsync("device=d-list&severity=critical"));
        Assert.Empty(await ListAsync($"device=d-list&until={_now.AddDays(-1):yyyy-MM-dd}"));
        Assert.Equal(3, (await ListAsync($"device=d-list&since={_now.AddDays(-1):yyyy-MM-dd}")).Count);
        foreach (var wrong in new[] { "severity=7", "decision=x", "state=x", "limit=0", "after=-1", "since=x" })
        {
            var answer = await _client.GetAsync($"/v1/alerts?{wrong}");
            Assert.Equal((wrong, HttpStatusCode.BadRequest), (wrong, answer.StatusCode));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(
            HttpStatusCode.NotFound, (await PostAsync($"/v1/alerts/{Guid.NewGuid()}/ack", new { })).StatusCode);
    }

    [Fact]
    public async Task An_erased_customer_leaves_an_alert_that_others_are_in()
    {
        await CrowdAsync("shared", 5);
        var alertId = (await AssessAsync(Request("shared", 6))).AlertId;
        await AssessAsync(Request("shared", 7));
        var erased = new CustomerErased
        {
            EventId = Guid.NewGuid(), CustomerId = "shared-c6", RequestedAt = _now, PartitionKey = "shared-c6",
        };
        await fixture.PublishAsync(erased.EventId, erased);
        await Eventually.BeTrueAsync(async () =>
            (await _client.GetAsync("/v1/decisions/shared-6")).StatusCode == HttpStatusCode.NotFound);

        Assert.Equal("shared-7", (await ReadAsync(alertId!.Value)).Raised.PaymentId);
        Assert.Empty(await QueryAsync<string>("select body from alerts where body like '%shared-c6%'"));
        Assert.Empty(await QueryAsync<string>("select body from alert_events where body like '%shared-c6%'"));
        Assert.Empty(await QueryAsync<string>("select body from alert_events where body like '%\"shared-6\"%'"));
    }

    private static AssessRequest Request(string name, int i) => new()
    {
        PaymentId = $"{name}-{i}",
        CustomerId = $"{name}-c{i}",
        Amount = 5_000,
        Currency = "GBP",
        CardFingerprint = $"{name}-card-{i}",
        DeviceId = $"d-{name}",
    };

    private static Decision DecisionOn(PaymentAttempted payment) => new()
    {
        PaymentId = payment.PaymentId,
        Amount = payment.Amount,
        Verdict = FraudDecision.Review,
        Score = 0.6,
        Reasons = [new FraudReason { Code = "device_ring", Text = "x", Value = 3, Threshold = 3 }],
        DecidedBy = "test",
        Vector = new NamedVector(new VectorNames([]), []),
        Arrival = Arrival.Bus,
        Backfill = false,
        AttemptedAt = payment.AttemptedAt,
        DecidedAt = payment.AttemptedAt,
        Degraded = false,
    };

    // Customers on a device: from the sixth on, device_crowd leads.
    private async Task CrowdAsync(string name, int customers)
    {
        for (var i = 1; i <= customers; i++)
        {
            await AssessAsync(Request(name, i) with { AttemptedAt = _now.AddMinutes(-60 + i) });
        }
    }

    private async Task<IReadOnlyList<QueuedEvent>> QueuedAsync(Guid alertId) =>
        [.. (await fixture.ReadAlertsAsync()).Where(one => one.AlertId == alertId)];

    private async Task<DecisionResponse> AssessAsync(AssessRequest request, HttpClient? client = null) =>
        await ReadAsync<DecisionResponse>(
            await (client ?? _client).PostAsJsonAsync("/v1/assess", request, _json));

    private async Task<Alert> ReadAsync(Guid alertId) =>
        (await _client.GetFromJsonAsync<Alert>($"/v1/alerts/{alertId}", _json))!;

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<T>(_json))!;

    private async Task<IReadOnlyList<Alert>> ListAsync(string query) =>
        (await _client.GetFromJsonAsync<Page<Alert>>($"/v1/alerts?{query}", _json))!.Items;

    private Task<HttpResponseMessage> PostAsync(string path, object body) => _client.PostAsJsonAsync(path, body);

    private async Task<HttpResponseMessage> AssignAsync(string path, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}/assign")
        {
            Content = JsonContent.Create(new { assignee = "ann" }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", version);
        return await _client.SendAsync(request);
    }

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return (await connection.QueryAsync<T>(sql)).AsList();
    }
}
