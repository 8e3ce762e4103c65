using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Ecom.Fraud;
using Ecom.Fraud.Webhooks;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>Receivers that take events, fail and hang.</summary>
public sealed class WebhookTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private readonly SetClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly CancellationTokenSource _hanging = new();
    private WebApplication _receiver = null!;
    private ServiceHost _fraud = null!;
    private TestDatabase _database = null!;
    private HttpClient _client = null!;
    private bool _isFailing = true;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _receiver = builder.Build();
        _receiver.MapPost("/{path}", ReceiveAsync);
        await _receiver.StartAsync();
        _database = await backends.CreateDatabaseAsync("fraud");
        _fraud = await ServiceHost.StartAsync(
            app =>
            {
                app.Services.AddSingleton<TimeProvider>(_clock);
                app.AddFraud();
            },
            app => app.MapFraud(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = _database.ConnectionString,
                ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
                ["Fraud:Webhooks:AllowLoopback"] = "true",
            });
        _client = _fraud.CreateClient(Scopes.Fraud);
    }

    public async Task DisposeAsync()
    {
        await _hanging.CancelAsync();
        await _fraud.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task One_that_fails_and_one_that_hangs_hold_up_nobody_and_dead_letters_are_replayed()
    {
        var (ok, secret) = await SubscribeAsync("ok");
        var (fails, _) = await SubscribeAsync("fails");
        var (hangs, _) = await SubscribeAsync("hangs");
        await AttackAsync("one");

        var first = await Eventually.ReadAsync(
            () => Task.FromResult(_received.FirstOrDefault(one => one.Path == "ok")), one => one is not null);
        Assert.Null((await DeliveryAsync(hangs))?["lastError"]);
        Assert.Equal(
            first!.Signature,
            WebhookSignature.Of([secret], DateTimeOffset.FromUnixTimeSeconds(SecondsOf(first)), first.Body));
        var told = JsonNode.Parse(first.Body)!;
        Assert.Equal(("alert.raised", "one-3"), ((string)told["kind"]!, (string)told["data"]!["paymentId"]!));
        await StateAsync(ok, "delivered", 1);

        for (var attempts = 1; attempts <= 10; attempts++)
        {
            await StateAsync(fails, "pending", attempts);
            _clock.Now += TimeSpan.FromHours(11.1);
        }

        var dead = await StateAsync(fails, "dead", 11);
        Assert.Equal((500, "Answered 500."), ((int)dead["lastStatus"]!, (string)dead["lastError"]!));
        var hung = await Eventually.ReadAsync(
            () => DeliveryAsync(hangs), one => one?["lastError"] is not null, 30);
        Assert.Contains("within 10 seconds", (string)hung!["lastError"]!, StringComparison.Ordinal);

        _isFailing = false;
        var replay = await _client.PostAsJsonAsync($"/v1/webhooks/{fails}/replay", new { from = 1 });
        Assert.Equal(1, (int)(await replay.Content.ReadFromJsonAsync<JsonNode>())!["replayed"]!);
        await StateAsync(fails, "delivered", 1);
        Assert.Single(_received.Where(one => one.Path == "fails").Select(one => one.Delivery).Distinct());
        var again = await _client.PostAsJsonAsync(
            $"/v1/webhooks/{ok}/deliveries/{first.Delivery}/replay", new { });
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await Eventually.BeTrueAsync(() => Task.FromResult(
            _received.Count(one => one.Delivery == first.Delivery) == 2));
    }

    [Fact]
    public async Task A_rotated_secret_signs_beside_its_successor_and_none_is_shown_or_stored_in_clear()
    {
        var (id, old) = await SubscribeAsync("rotated");
        var rotated = await _client.PostAsJsonAsync($"/v1/webhooks/{id}/rotate", new { overlapHours = 1 });
        var secret = (string)(await rotated.Content.ReadFromJsonAsync<JsonNode>())!["secret"]!;
        await AttackAsync("rot");
        var both = await ReceivedAsync("rotated", 1);
        Assert.Equal(
            both.Signature,
            WebhookSignature.Of([secret, old], DateTimeOffset.FromUnixTimeSeconds(SecondsOf(both)), both.Body));
        _clock.Now += TimeSpan.FromHours(2);
        await AttackAsync("rot2");
        var one = await ReceivedAsync("rotated", 2);
        Assert.Equal(
            one.Signature,
            WebhookSignature.Of([secret], DateTimeOffset.FromUnixTimeSeconds(SecondsOf(one)), one.Body));

        var shown = await _client.GetStringAsync("/v1/webhooks");
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        var stored = await connection.QueryAsync<string>("select webhooks::text from webhooks");
        Assert.DoesNotContain("whsec_", shown + string.Concat(stored), StringComparison.Ordinal);

        foreach (var url in new[] { "http://example.com/", "https://10.0.0.1/", "https://169.254.169.254/", "x" })
        {
            var refused = await _client.PostAsJsonAsync("/v1/webhooks", new { url });
            Assert.Equal((url, HttpStatusCode.BadRequest), (url, refused.StatusCode));
        }

        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync($"/v1/webhooks/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync($"/v1/webhooks/{id}/deliveries")).StatusCode);
    }

    [Fact]
    public async Task What_was_delivered_long_ago_is_deleted_while_the_same_replica_goes_on_sending()
    {
        var (webhook, _) = await SubscribeAsync("ok");
        await AttackAsync("past");
        await StateAsync(webhook, "delivered", 1);

        _clock.Now += TimeSpan.FromDays(29);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.NotNull(await DeliveryAsync(webhook));

        _clock.Now += TimeSpan.FromDays(2);
        await Eventually.BeTrueAsync(async () => await DeliveryAsync(webhook) is null);
    }

    private static long SecondsOf(Received one) => long.Parse(
        one.Signature.Split(',')[0][2..], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<IResult> ReceiveAsync(string path, HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        _received.Enqueue(new Received(
            path,
            request.Headers["X-Ecom-Delivery"].ToString(),
            request.Headers[WebhookSignature.Header].ToString(),
            await reader.ReadToEndAsync()));
        if (path == "hangs")
        {
            await Task.Delay(Timeout.Infinite, _hanging.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return path == "fails" && _isFailing ? Results.StatusCode(500) : Results.Ok();
    }

    private async Task<(string Id, string Secret)> SubscribeAsync(string path)
    {
        var url = $"{_receiver.Urls.First()}/{path}";
        var answer = await _client.PostAsJsonAsync("/v1/webhooks", new { url, kinds = new[] { "alert.raised" } });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var made = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return ((string)made["webhook"]!["webhookId"]!, (string)made["secret"]!);
    }

    private async Task AttackAsync(string name)
    {
        for (var i = 1; i <= 3; i++)
        {
            // A ring counts who paid before: not who paid at the same instant.
            _clock.Now += TimeSpan.FromSeconds(1);
            (await _client.PostAsJsonAsync("/v1/assess", new
            {
                paymentId = $"{name}-{i}",
                customerId = $"{name}-c{i}",
                amount = 5_000,
                currency = "GBP",
                cardFingerprint = $"{name}-k{i}",
                deviceId = $"d-{name}",
            })).EnsureSuccessStatusCode();
        }
    }

    private async Task<JsonNode?> DeliveryAsync(string webhook) =>
        (await _client.GetFromJsonAsync<JsonNode>($"/v1/webhooks/{webhook}/deliveries"))!["items"]!.AsArray()
            .FirstOrDefault();

    private async Task<JsonNode> StateAsync(string webhook, string state, int attempts) =>
        (await Eventually.ReadAsync(
            () => DeliveryAsync(webhook),
            one => (string?)one?["state"] == state && (int)one["attempts"]! == attempts))!;

    private async Task<Received> ReceivedAsync(string path, int count)
    {
        var all = await Eventually.ReadAsync(
            () => Task.FromResult(_received.Where(one => one.Path == path).ToArray()), found => found.Length >= count);
        return all[count - 1];
    }

    private sealed record Received(string Path, string Delivery, string Signature, string Body);
}
