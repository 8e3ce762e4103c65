using System.Net;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Messaging;

/// <summary>Parked messages are listed, replayed and discarded by people.</summary>
public sealed class ErrorTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private TrialService? _service;

    private TrialService Service => _service!;

    public async Task InitializeAsync()
    {
        _service = await TrialService.StartAsync(backends, null, "00:00:00.100");
        Service.Script.Before = (_, _) => throw new UnusableMessageException("Not as agreed.");
    }

    public async Task DisposeAsync() => await Service.DisposeAsync();

    [Fact]
    public async Task A_replay_after_the_repair_has_its_effect_once_however_often_it_is_asked_for()
    {
        await Service.PublishAsync("mended");
        var id = Assert.Single(await Service.ReadErrorsAsync(1)).GetProperty("id").GetGuid();

        var broken = await Service.PostAsync($"/v1/errors/{id}/replay");
        var again = Assert.Single(await Service.ReadErrorsAsync(1)).GetProperty("id").GetGuid();
        Service.Script.Before = (_, _) => Task.CompletedTask;
        var first = await Service.PostAsync($"/v1/errors/{again}/replay");
        var second = await Service.PostAsync($"/v1/errors/{again}/replay");
        var older = await Service.PostAsync($"/v1/errors/{id}/replay");

        Assert.Equal([200, 200, 200, 200], [broken.Status, first.Status, second.Status, older.Status]);
        Assert.NotEqual(id, again);
        Assert.Equal("replayed", first.Body.GetProperty("state").GetString());
        Assert.Equal("client-ops", first.Body.GetProperty("handledBy").GetString());
        await Eventually.BeTrueAsync(() =>
            Task.FromResult(Service.Script.Seen[("fragile", "mended")] == 5));
        await Eventually.ReadAsync(Service.ReadEffectsAsync, effects => effects is ["mended"]);
        Assert.Equal(1, Service.Script.Seen[("sturdy", "mended")]);
        await Service.ReadErrorsAsync(0);
    }

    [Fact]
    public async Task What_was_delivered_twice_is_parked_once()
    {
        var messageId = Guid.NewGuid();
        await Service.PublishAsync("twice", messageId);
        await Service.PublishAsync("twice", messageId);
        await Service.PublishAsync("once");

        await Eventually.BeTrueAsync(() =>
            Task.FromResult(Service.Script.Seen.GetValueOrDefault(("fragile", "twice")) == 2));
        await Service.ReadErrorsAsync(2);
    }

    [Fact]
    public async Task Many_are_replayed_by_filter_within_the_limit()
    {
        for (var i = 0; i < 5; i++)
        {
            await Service.PublishAsync($"order-{i}");
        }

        await Service.ReadErrorsAsync(5);
        var byFault = (await Service.GetAsync("/v1/errors")).GetProperty("counts").EnumerateArray().Single();
        Service.Script.Before = (_, _) => Task.CompletedTask;
        var nothing = await Service.PostAsync("/v1/errors/replay", new { type = "OrderCancelled" });
        var some = await Service.PostAsync("/v1/errors/replay", new { queue = TrialService.Queue, limit = 2 });
        var rest = await Service.PostAsync("/v1/errors/replay", new { type = "OrderPlaced" });

        Assert.Equal(5, byFault.GetProperty("messages").GetInt32());
        Assert.Equal(typeof(UnusableMessageException).FullName, byFault.GetProperty("fault").GetString());
        Assert.Equal((0, 0L), Handled(nothing.Body));
        Assert.Equal((2, 3L), Handled(some.Body));
        Assert.Equal((3, 0L), Handled(rest.Body));
        await Eventually.ReadAsync(Service.ReadEffectsAsync, effects => effects.Length == 5);
    }

    [Fact]
    public async Task Discarding_needs_a_reason_and_is_told_of_afterwards()
    {
        await Service.PublishAsync("unwanted");
        await Service.PublishAsync("unwanted too");
        var id = (await Service.ReadErrorsAsync(2))[0].GetProperty("id").GetGuid();

        var bare = await Service.PostAsync($"/v1/errors/{id}/discard", new { });
        var all = await Service.PostAsync("/v1/errors/discard", new { reason = "Everything" });
        var one = await Service.PostAsync($"/v1/errors/{id}/discard", new { reason = "A test order." });
        var twice = await Service.PostAsync($"/v1/errors/{id}/discard", new { reason = "A test order." });
        var rest = await Service.PostAsync(
            "/v1/errors/discard", new { queue = TrialService.Queue, reason = "Test orders." });
        var none = await Service.PostAsync($"/v1/errors/{Guid.NewGuid()}/discard", new { reason = "Gone." });

        Assert.Equal(
            [400, 400, 200, 409, 200, 404],
            [bare.Status, all.Status, one.Status, twice.Status, rest.Status, none.Status]);
        Assert.Equal((1, 0L), Handled(rest.Body));
        Assert.Contains("client-ops", twice.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var discarded = await Service.ReadErrorsAsync(2, state: "discarded");
        Assert.Contains(discarded, error => error.GetProperty("handledReason").GetString() == "A test order.");
        Assert.Empty(await Service.ReadEffectsAsync());
    }

    [Fact]
    public async Task What_is_parked_outlives_the_service_and_shows_in_health()
    {
        await Service.PublishAsync("kept");
        await Service.ReadErrorsAsync(1);

        await Service.StopAsync();
        await Service.StartAsync();

        await Service.ReadErrorsAsync(1);
        await Eventually.ReadAsync(
            async () => await Service.GetAsync("/health/ready"),
            health => health.GetProperty("checks").EnumerateArray()
                .Single(check => check.GetProperty("name").GetString() == "queues")
                .GetProperty("data").GetProperty(TrialService.Queue).GetProperty("errors").GetInt32() == 1);
        using var client = Service.CreateClient(scope: null);
        Assert.Contains(
            "ecom_errors_parked{", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_go_on_where_the_one_before_ended()
    {
        foreach (var order in new[] { "a", "b", "c" })
        {
            await Service.PublishAsync(order);
        }

        await Service.ReadErrorsAsync(3);
        var first = await Service.GetAsync("/v1/errors?limit=2");
        var second = await Service.GetAsync($"/v1/errors?limit=2&before={first.GetProperty("next").GetString()}");

        var ids = first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(item => item.GetProperty("id").GetGuid());
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(1, second.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("/v1/errors", Scopes.Read, HttpStatusCode.Forbidden)]
    [InlineData("/v1/errors", null, HttpStatusCode.Unauthorized)]
    [InlineData("/v1/errors?state=lost", Scopes.Ops, HttpStatusCode.BadRequest)]
    [InlineData("/v1/errors?before=x", Scopes.Ops, HttpStatusCode.BadRequest)]
    [InlineData("/v1/errors/00000000-0000-0000-0000-000000000000", Scopes.Ops, HttpStatusCode.NotFound)]
    public async Task What_cannot_be_answered_is_a_problem(string path, string? scope, HttpStatusCode expected)
    {
        using var client = Service.CreateClient(scope);
        using var answer = await client.GetAsync(path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private static (int Handled, long Left) Handled(System.Text.Json.JsonElement answer) =>
        (answer.GetProperty("handled").GetInt32(), answer.GetProperty("left").GetInt64());
}
