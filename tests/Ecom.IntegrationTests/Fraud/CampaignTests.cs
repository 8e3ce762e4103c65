using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Alerts;
using Ecom.Fraud.Endpoints;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>What a ring raises is one alert; it follows the ring, and whom the ring loses.</summary>
public sealed class CampaignTests(RingFixture fixture) : IClassFixture<RingFixture>
{
    private static readonly JsonSerializerOptions _json =
        new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(
        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    private readonly HttpClient _client = fixture.First.CreateClient(Scopes.Fraud);

    [Fact]
    public async Task Alerts_of_customers_become_one_when_their_ring_is_seen()
    {
        var first = await PayAsync("farm", 1, RingFixture.Dear);
        var second = await PayAsync("farm", 2, RingFixture.Dear);
        Assert.NotEqual(first, second);

        var third = await PayAsync("farm", 3, RingFixture.Dear);
        var cheap = await PayAsync("farm", 4, 100);
        var fifth = await PayAsync("farm", 5, RingFixture.Dear);

        Assert.Equal((first, null, first), (third, cheap, fifth));
        var (alert, merged) = (await ReadAsync(first!.Value), await ReadAsync(second!.Value));
        Assert.Equal(
            (4, 4 * RingFixture.Dear, 5), (alert.Occurrences, alert.AmountAtRisk.BaseAmount, alert.RingCustomers));
        Assert.StartsWith($"ring:{alert.RingId}|campaign|", alert.DedupKey, StringComparison.Ordinal);
        Assert.Equal(("closed", null, first), (merged.State, merged.Outcome, merged.MergedInto));
        Assert.Equal(alert.CaseId, merged.CaseId);
        Assert.Equal(1, await CountAsync($"cases where case_id = '{alert.CaseId}' and state = 'open'"));
        Assert.Equal(1, await CountAsync($"cases where merged_into = '{alert.CaseId}' and state = 'merged'"));
        Assert.Equal(4, await CountAsync($"alert_payments where alert_id = '{first}'"));

        var told = await Eventually.ReadAsync(
            () => QueuedAsync(first.Value, second.Value), events => events.Count == 5);
        Assert.Equal(
            [(first, 1, null), (second, 1, null), (first, 2, "escalated"), (second, 2, "merged")],
            told.Take(4).Select(one => ((Guid?)one.AlertId, one.Version, Text(one, "change"))));
        Assert.Equal(first.ToString(), Text(told[3], "mergedInto"));
        Assert.Equal([3, 5], told.Where(one => one.Version > 1 && one.AlertId == first)
            .Select(one => one.Body.GetProperty("ringCustomers").GetInt32()));

        Assert.Equal(HttpStatusCode.Conflict, await ResolveAsync(second.Value));
        Assert.Equal(HttpStatusCode.OK, await ResolveAsync(first.Value));
        Assert.Equal(4, await CountAsync("labels where payment_id like 'farm-%' and fraud"));
    }

    [Fact]
    public async Task Who_works_on_a_case_keeps_it_and_a_later_alert_of_the_ring_joins_it()
    {
        var first = await PayAsync("work", 1, RingFixture.Dear);
        var second = await PayAsync("work", 2, RingFixture.Dear);
        var locked = (await ReadAsync(second!.Value)).CaseId;
        (await _client.PostAsJsonAsync($"/v1/cases/{locked}/lock", new { minutes = 5 })).EnsureSuccessStatusCode();

        await PayAsync("work", 3, RingFixture.Dear);
        Assert.Equal(1, await CountAsync($"cases where case_id = '{locked}' and state = 'open'"));

        // Two days on, the campaign's window is over.
        var later = await PayAsync("work", 4, RingFixture.Dear, _now.AddDays(2));
        Assert.NotEqual(first, later);
        Assert.Equal((await ReadAsync(first!.Value)).CaseId, (await ReadAsync(later!.Value)).CaseId);
        Assert.Equal((await ReadAsync(first.Value)).RingId, (await ReadAsync(later.Value)).RingId);
    }

    [Fact]
    public async Task Payments_of_a_ring_at_once_on_two_replicas_are_one_ring_and_one_alert()
    {
        // Eight in pairs: each pair has a device, and one address ties them all.
        for (var i = 0; i < 8; i++)
        {
            await DecideAsync(Of("pairs", i, 100, _now.AddMinutes(i - 60)) with
            {
                Source = new() { DeviceId = $"pairs-d{i / 2}", IpHash = "pairs-ip" },
            });
        }

        // No two of these share a lock.
        var decisions = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => DecideAsync(
            Of("pairs", 2 * i, RingFixture.Dear, _now) with
            {
                PaymentId = $"pairs-again-{i}",
                Source = new() { DeviceId = $"pairs-d{i}" },
            },
            i)));

        var alert = await ReadAsync(Assert.Single(decisions.Select(decision => decision.AlertId).Distinct())!.Value);
        Assert.Equal(1, await CountAsync("alerts where ring_id is not null and customer_id like 'pairs-%'"));
        Assert.Equal(8, alert.RingCustomers);
        Assert.Equal(alert.Occurrences, await CountAsync($"alert_payments where alert_id = '{alert.Raised.AlertId}'"));
        Assert.Equal(8, await CountAsync($"ring_customers where ring_id = '{alert.RingId}'"));
    }

    [Theory]
    [InlineData("loud", RingFixture.Dear)]
    [InlineData("quiet", 100)]
    public async Task When_rings_merge_their_alerts_do(string name, long amount)
    {
        var alerts = new List<Guid>();
        foreach (var ring in new[] { "a", "b" })
        {
            for (var i = 1; i <= 3; i++)
            {
                var alert = await PayAsync($"{name}-{ring}", i, RingFixture.Dear);
                alerts.AddRange(i == 3 ? [alert!.Value] : []);
            }
        }

        Assert.NotEqual((await ReadAsync(alerts[0])).RingId, (await ReadAsync(alerts[1])).RingId);
        var joint = Of($"{name}-a", 1, amount, _now) with
        {
            PaymentId = $"{name}-joint",
            Source = new() { IpHash = $"{name}-b-ip" },
        };
        await DecideAsync(joint);
        var (one, other) = (await ReadAsync(alerts[0]), await ReadAsync(alerts[1]));
        Assert.Equal(one.RingId, other.RingId ?? one.RingId);
        Assert.Equal(6, await CountAsync($"ring_customers where ring_id = '{one.RingId}'"));
        await PayAsync($"{name}-b", 4, RingFixture.Dear);

        (one, other) = (await ReadAsync(alerts[0]), await ReadAsync(alerts[1]));
        Assert.Equal(("open", "closed", (Guid?)alerts[0]), (one.State, other.State, other.MergedInto));
        Assert.Equal((amount == RingFixture.Dear ? 8 : 7, 7), (one.Occurrences, one.RingCustomers));
        var absorbed = await ScalarAsync<Guid>($"select ring_id from rings where merged_into = '{one.RingId}'");
        Assert.Equal(one.RingId, (await RingAsync(absorbed)).Ring.RingId);
        Assert.Equal(1, await CountAsync(
            $"alerts where state = 'open' and (ring_id = '{one.RingId}' or customer_id like '{name}-%')"));
        Assert.Equal(1, await CountAsync($"rings where merged_into = '{one.RingId}' and customers = 0"));
    }

    [Fact]
    public async Task Every_message_three_times_leaves_one_alert_and_the_same_counts()
    {
        foreach (var i in new[] { 1, 2, 1, 3, 2, 4, 3, 4, 1, 2, 3, 4 })
        {
            var payment = Of("thrice", i, RingFixture.Dear, _now.AddMinutes(i));
            await fixture.PublishAsync(new Guid(i, 7, 7, [0, 0, 0, 0, 0, 0, 0, 7]), payment);
            await Eventually.BeTrueAsync(async () => await CountAsync($"""
                decisions
                where payment_id = '{payment.PaymentId}' and payment_id not in (select payment_id from uncounted)
                """) == 1);
        }

        var alertId = await ScalarAsync<Guid>("select alert_id from alerts where payment_id = 'thrice-1'");
        var alert = await ReadAsync(alertId);
        Assert.Equal((4, 4, 3), (alert.Occurrences, alert.RingCustomers, alert.Version));
        Assert.Equal(2, await CountAsync("alerts where payment_id like 'thrice-%'"));
        Assert.Equal(4, await CountAsync("ring_customers where customer_id like 'thrice-%'"));
    }

    [Fact]
    public async Task A_ring_shows_who_is_in_it_what_ties_them_and_how_it_grew()
    {
        for (var i = 1; i <= 4; i++)
        {
            await PayAsync("show", i, RingFixture.Dear, _now.AddDays(-3).AddHours(i), "show-shared");
        }

        var late = await PayAsync("show", 5, RingFixture.Dear, _now, "show-shared");
        var alert = await ReadAsync(late!.Value);
        var ring = await RingAsync(alert.RingId!.Value);

        Assert.Equal((5, _now), (ring.Ring.Customers, ring.LastAt));
        Assert.Equal(["show-c1", "show-c2", "show-c3", "show-c4", "show-c5"], ring.Customers.Select(c => c.CustomerId));
        Assert.Equal((1, "show-shared", 5), (ring.Devices.Count, ring.Devices[0].Id, ring.Devices[0].Customers));
        Assert.Equal(5, ring.Cards.Count);
        Assert.Equal((1, "show-ip"), (ring.Addresses.Count, ring.Addresses[0].Id));
        Assert.Equal(5, ring.Growth.Sum(day => day.Customers));
        Assert.Equal(1, ring.Growth[^1].Customers);
        Assert.Equal(alert.Raised.AlertId, ring.Alerts[0].AlertId);

        var first = (await ListAsync("least=5")).Items.Single(listed => listed.RingId == alert.RingId);
        Assert.Equal((5, _now), (first.Customers, first.GrownAt));
        foreach (var query in new[] { "least=6", $"least=5&after={first.Position}" })
        {
            Assert.DoesNotContain((await ListAsync(query)).Items, listed => listed.RingId == alert.RingId);
        }

        await PayAsync("show", 6, 100, _now, "show-shared");
        var grown = (await ListAsync($"least=5&after={first.Position}")).Items.Single(r => r.RingId == alert.RingId);
        Assert.Equal(6, grown.Customers);
    }

    [Fact]
    public async Task A_wrong_question_for_rings_is_explained()
    {
        foreach (var wrong in new[] { "least=1", "least=1001", "limit=0", "after=-1" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await _client.GetAsync($"/v1/rings?{wrong}")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"/v1/rings/{Guid.NewGuid()}")).StatusCode);
        using var reader = fixture.First.CreateClient(Scopes.Read);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync("/v1/rings")).StatusCode);
    }

    [Fact]
    public async Task Imported_history_ties_and_raises_nothing()
    {
        for (var i = 1; i <= 3; i++)
        {
            var decision = await DecideAsync(
                Of("import", i, RingFixture.Dear, _now.AddMinutes(i - 30)) with { Backfill = true });
            Assert.Null(decision.AlertId);
        }

        var alert = await PayAsync("import", 4, RingFixture.Dear);

        Assert.Equal(4, (await ReadAsync(alert!.Value)).RingCustomers);
        Assert.Equal(0, await CountAsync("alerts where payment_id like 'import-%' and payment_id <> 'import-4'"));
    }

    [Fact]
    public async Task An_erased_customer_leaves_ring_and_alerts()
    {
        // One and two, three and four by devices; two and three only by the address that two brings.
        var first = await PayAsync("erase", 1, RingFixture.Dear, device: "erase-d1");
        var second = await PayAsync("erase", 2, RingFixture.Dear, device: "erase-d1");
        var third = await PayAsync("erase", 3, RingFixture.Dear, device: "erase-d2");
        var ringId = (await ReadAsync(first!.Value)).RingId;
        Assert.Equal((first, 3), (third, await CountAsync($"ring_customers where ring_id = '{ringId}'")));

        await EraseAsync("erase-c2");
        Assert.Equal(2, await CountAsync($"ring_customers where ring_id = '{ringId}'"));
        Assert.Equal(2, await ScalarAsync<int>($"select customers from rings where ring_id = '{ringId}'"));
        Assert.Equal(2, (await ReadAsync(first.Value)).Raised.Version + 1);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"/v1/alerts/{second}")).StatusCode);

        await EraseAsync("erase-c1");
        Assert.Equal(0, await CountAsync($"rings where ring_id = '{ringId}'"));
        Assert.Equal(1, await CountAsync("ring_customers where customer_id = 'erase-c3' and ring_id is null"));
        foreach (var table in new[] { "ring_customers", "ring_ties", "alerts", "alert_events", "cases", "decisions" })
        {
            Assert.Empty(await RowsAsync(table, "erase-(c[12]|[12]\\M)"));
        }
    }

    [Fact]
    public async Task Ties_that_nobody_used_for_long_hold_nothing()
    {
        var rings = fixture.First.Services.GetRequiredService<RingExpiry>();
        for (var i = 1; i <= 5; i++)
        {
            await PayAsync("old", i, 100, device: $"old-d{(i < 3 ? 1 : 2)}");
        }

        var ringId = await ScalarAsync<Guid>("select ring_id from ring_customers where customer_id = 'old-c1'");
        Assert.Equal(5, await CountAsync($"ring_customers where ring_id = '{ringId}'"));
        Assert.Equal(0, await rings.RunAsync(1_000, 10, CancellationToken.None));

        await ForgetAsync("kind = 'Ip'");
        Assert.Equal(5, await rings.RunAsync(1_000, 10, CancellationToken.None));
        Assert.Equal(3, await CountAsync($"ring_customers where ring_id = '{ringId}'"));
        Assert.Equal(3, await ScalarAsync<int>($"select customers from rings where ring_id = '{ringId}'"));
        var part = await ScalarAsync<Guid>("select ring_id from ring_customers where customer_id = 'old-c1'");
        Assert.Equal(2, await ScalarAsync<int>($"select customers from rings where ring_id = '{part}'"));

        // They meet again, and part again.
        await DecideAsync(Of("old", 1, 100, _now) with
        {
            PaymentId = "old-again",
            Source = new() { DeviceId = "old-d2" },
        });
        Assert.Equal(5, await CountAsync($"ring_customers where ring_id = '{ringId}'"));
        await ForgetAsync("entity = 'old-d2' and customer_id = 'old-c1'");
        Assert.Equal(1, await rings.RunAsync(1_000, 10, CancellationToken.None));
        Assert.Equal(2, (await RingAsync(part)).Customers.Count);

        await ForgetAsync("true");
        Assert.Equal(5, await rings.RunAsync(1_000, 10, CancellationToken.None));
        Assert.Equal(5, await CountAsync("ring_customers where customer_id like 'old-%' and ring_id is null"));
        Assert.Equal(0, await CountAsync($"rings where ring_id in ('{ringId}', '{part}')"));
        Assert.Equal(0, await CountAsync("ring_ties where customer_id like 'old-%'"));

        Task ForgetAsync(string which) => ExecuteAsync($"""
            update ring_ties set noted_at = now() - interval '31 days' where customer_id like 'old-%' and ({which})
            """);
    }

    // Each with a device and card of its own, behind one address.
    private static PaymentAttempted Of(string name, int i, long amount, DateTimeOffset at) =>
        FraudFixture.Payment($"{name}-{i}", $"{name}-c{i}", $"{name}-d{i}", at) with
        {
            Amount = new() { Amount = amount, Currency = "GBP", BaseAmount = amount, BaseCurrency = "GBP" },
            Source = new() { DeviceId = $"{name}-own-d{i}", IpHash = $"{name}-ip" },
        };

    private async Task<Guid?> PayAsync(
        string name, int i, long amount, DateTimeOffset? at = null, string? device = null)
    {
        var payment = Of(name, i, amount, at ?? _now.AddMinutes(i - 30));
        return (await DecideAsync(device is null ? payment : payment with
        {
            Source = payment.Source with { DeviceId = device },
        })).AlertId;
    }

    private Task<Decision> DecideAsync(PaymentAttempted payment, int replica = 0) =>
        (replica % 2 == 0 ? fixture.First : fixture.Second).Services.GetRequiredService<DecisionStore>()
            .DecideAsync(payment, Arrival.Bus, CancellationToken.None);

    private async Task EraseAsync(string customer)
    {
        var erased = new CustomerErased
        {
            EventId = Guid.NewGuid(), CustomerId = customer, RequestedAt = _now, PartitionKey = customer,
        };
        await fixture.PublishAsync(erased.EventId, erased);
        await Eventually.BeTrueAsync(async () =>
            await CountAsync($"decisions where customer_id = '{customer}'") == 0);
    }

    private async Task<Alert> ReadAsync(Guid alertId) =>
        (await _client.GetFromJsonAsync<Alert>($"/v1/alerts/{alertId}", _json))!;

    private async Task<RingDetail> RingAsync(Guid ringId) =>
        (await _client.GetFromJsonAsync<RingDetail>($"/v1/rings/{ringId}", _json))!;

    private async Task<Page<Ring>> ListAsync(string query) =>
        (await _client.GetFromJsonAsync<Page<Ring>>($"/v1/rings?{query}&limit=500", _json))!;

    private async Task<HttpStatusCode> ResolveAsync(Guid alertId) => (await _client.PostAsJsonAsync(
        $"/v1/alerts/{alertId}/resolve", new { outcome = "confirmed_fraud" })).StatusCode;

    private async Task<IReadOnlyList<QueuedEvent>> QueuedAsync(params Guid[] alerts) =>
        [.. (await fixture.ReadAlertsAsync()).Where(one => alerts.Contains(one.AlertId))];

    private static string? Text(QueuedEvent one, string name) =>
        one.Body.TryGetProperty(name, out var value) ? value.GetString() : null;

    private Task<long> CountAsync(string from) => ScalarAsync<long>($"select count(*) from {from}");

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QuerySingleAsync<T>(sql);
    }

    private async Task<IEnumerable<string>> RowsAsync(string table, string pattern)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        return await connection.QueryAsync<string>(
            $"select t::text from {table} as t where t::text ~ @pattern", new { pattern });
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(fixture.Database.ConnectionString);
        await connection.ExecuteAsync(sql);
    }
}
