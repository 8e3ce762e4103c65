using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class ExperimentTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_experiment_assigns_counts_compares_and_ends_with_a_winner()
    {
        var clock = new SetClock(_now);
        await using var shop = await StartAsync(clock);
        await DraftAsync(shop, "short", new { placement = "home", owner = "mia", arms = Arms(1, 2), windowHours = 1 });
        await shop.Ops.PostAsync("/v1/experiments/short/start", null);
        await shop.AskAsync("placement=home&anonymousId=v0", answer => answer.Arm is not null);

        // Every visitor of the arm with one product clicks, nobody else.
        var arms = new Dictionary<string, int> { ["arm0"] = 0, ["arm1"] = 0 };
        var clicks = new List<Interaction>();
        for (var visitor = 0; visitor < 400; visitor++)
        {
            var answer = await shop.AskAsync($"placement=home&anonymousId=v{visitor}");
            Assert.Equal("short", answer.Experiment);
            Assert.Equal(answer.Arm == "arm0" ? 1 : 2, answer.Items.Count);
            Assert.Equal(answer.Arm, (await shop.AskAsync($"placement=home&customerId=c&anonymousId=v{visitor}")).Arm);
            arms[answer.Arm!]++;
            if (answer.Arm == "arm1")
            {
                clicks.Add(RecommendationHost.Act(
                    InteractionKind.RecommendationClicked,
                    $"v{visitor}",
                    answer.Products[0],
                    answer.RecommendationId,
                    _now.AddMinutes(visitor % 2 == 0 ? 5 : 65)));
            }
        }

        await shop.PublishAsync(new InteractionsRecorded { Interactions = [.. clicks.Take(100)] });
        await shop.PublishAsync(new InteractionsRecorded { Interactions = [.. clicks.Skip(100)] });
        clock.Now = _now.AddHours(2);
        var inWindow = clicks.Count(click => click.OccurredAt < _now.AddHours(1));
        var results = await Eventually.ReadAsync(
            () => shop.Ops.GetFromJsonAsync<JsonElement>("/v1/experiments/short/results"),
            found => Arm(found, 1).GetProperty("means").GetProperty("click").GetProperty("mean").GetDouble()
                is var mean && mean > 0 && Math.Abs((mean * arms["arm1"]) - inWindow) < 1e-6);

        Assert.Equal("arm1", results.GetProperty("verdict").GetString());
        Assert.False(results.GetProperty("sampleRatioMismatch").GetBoolean());
        Assert.InRange(Arm(results, 1).GetProperty("answers").GetInt64(), 2 * arms["arm1"], (2 * arms["arm1"]) + 9);
        Assert.Equal(arms["arm1"], Arm(results, 1).GetProperty("measuredVisitors").GetInt64());
        Assert.True(Arm(results, 1).GetProperty("differences").GetProperty("click").GetProperty("low").GetDouble() > 0);

        var stopped = await shop.Ops.PostAsync("/v1/experiments/short/stop?winner=arm1", null);
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        await shop.AskAsync("placement=home&anonymousId=v1", answer => answer.Arm is null);
        var versions = await shop.Ops.GetFromJsonAsync<JsonElement[]>("/v1/experiments/short/versions");
        Assert.Equal(
            ["stopped", "started", "drafted"], versions!.Select(one => one.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_guard_rail_stops_an_arm_and_with_the_last_one_the_experiment()
    {
        var clock = new SetClock(_now);
        await using var shop = await StartAsync(clock);
        await DraftAsync(shop, "slow", new
        {
            placement = "home",
            owner = "mia",
            arms = Arms(1, 1),
            guardRails = new[] { new { metric = "slowShare", tolerance = 0.05 } },
        });
        await shop.Ops.PostAsync("/v1/experiments/slow/start", null);
        await shop.AskAsync("placement=home&anonymousId=probe", answer => answer.Arm is not null);

        await using (var connection = await shop.ConnectAsync())
        {
            await connection.ExecuteAsync("""
                insert into answer_hours (hour, placement, model_version, experiment, arm, answers, slow)
                values (@_now, 'home', 0, 1, 0, 5000, 20), (@_now, 'home', 0, 1, 1, 5000, 900)
                """, new { _now });
        }

        var all = await Eventually.ReadAsync(
            () => shop.Ops.GetFromJsonAsync<JsonElement[]>("/v1/experiments"),
            found => found![0].GetProperty("state").GetString() == "stopped");
        Assert.Equal("arm1", all![0].GetProperty("stoppedArms")[0].GetString());
        Assert.Equal("arm0", all[0].GetProperty("winner").GetString());
        Assert.Equal("guard-rail", all[0].GetProperty("changedBy").GetString());
        await shop.AskAsync("placement=home&anonymousId=probe", answer => answer.Arm is null);
    }

    [Fact]
    public async Task An_arm_tries_a_draft_of_a_rule_and_nobody_else_sees_it()
    {
        await using var shop = await StartAsync(new SetClock(_now));
        var made = await shop.Ops.PostAsJsonAsync("/v1/rules", new
        {
            title = "Without a",
            owner = "mia",
            expiresAt = _now.AddDays(1),
            when = new { products = new[] { "a" } },
            exclude = true,
        });
        var rule = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetInt64();
        object PlanWith(params long[] rules) => new
        {
            placement = "home",
            owner = "mia",
            arms = new object[] { new { name = "control" }, new { name = "without", rules } },
        };

        var wrong = await shop.Ops.PutAsJsonAsync("/v1/experiments/ruled", PlanWith(rule, 4_711));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("arms[1].rules[1]", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await DraftAsync(shop, "ruled", PlanWith(rule));
        await shop.Ops.PostAsync("/v1/experiments/ruled/start", null);
        await shop.AskAsync("placement=home&anonymousId=v0", answer => answer.Arm is not null);

        for (var visitor = 0; visitor < 20; visitor++)
        {
            var answer = await shop.AskAsync($"placement=home&anonymousId=v{visitor}");
            Assert.Equal(answer.Arm == "without" ? ["b"] : ["a", "b"], answer.Products.Order());
        }

        await shop.Ops.PostAsync("/v1/experiments/ruled/stop", null);
        await shop.AskAsync("placement=home&anonymousId=v0", answer => answer.Arm is null && answer.Items.Count == 2);
    }

    [Fact]
    public async Task A_draft_that_a_running_experiment_tries_cannot_be_changed()
    {
        await using var shop = await StartAsync(new SetClock(_now));
        object Plan(string title) => new
        {
            title,
            owner = "mia",
            expiresAt = _now.AddDays(1),
            when = new { products = new[] { "a" } },
            exclude = true,
        };
        async Task<long> AddAsync() => (await (await shop.Ops.PostAsJsonAsync("/v1/rules", Plan("Before")))
            .Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetInt64();
        var (tried, free) = (await AddAsync(), await AddAsync());
        Task<HttpResponseMessage> ChangeAsync(long rule) =>
            shop.Ops.PutAsJsonAsync($"/v1/rules/{rule}", Plan("After"));
        await DraftAsync(shop, "ruled", new
        {
            placement = "home",
            owner = "mia",
            arms = new object[] { new { name = "control" }, new { name = "without", rules = new[] { tried } } },
        });
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(tried)).StatusCode);

        await shop.Ops.PostAsync("/v1/experiments/ruled/start", null);
        var refused = await ChangeAsync(tried);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("experiment ruled", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(free)).StatusCode);

        await shop.Ops.PostAsync("/v1/experiments/ruled/stop", null);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(tried)).StatusCode);
    }

    [Fact]
    public async Task An_erased_visitor_leaves_the_experiment_and_wrong_steps_are_refused()
    {
        await using var shop = await StartAsync(new SetClock(_now));
        var plan = new { placement = "home", owner = "mia", arms = Arms(1, 1) };
        await DraftAsync(shop, "first", plan);
        await DraftAsync(shop, "second", plan);
        Assert.Equal(HttpStatusCode.OK, (await shop.Ops.PostAsync("/v1/experiments/first/start", null)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Conflict, (await shop.Ops.PostAsync("/v1/experiments/second/start", null)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Conflict, (await shop.Ops.PutAsJsonAsync("/v1/experiments/first", plan)).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound, (await shop.Ops.PostAsync("/v1/experiments/third/start", null)).StatusCode);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await shop.Ops.PutAsJsonAsync("/v1/experiments/x", new { placement = "nowhere" })).StatusCode);

        await shop.AskAsync("placement=home&customerId=ann&anonymousId=v", answer => answer.Arm is not null);
        await Eventually.BeTrueAsync(async () => await CountAsync(shop) == 1);
        await shop.PublishAsync(new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "ann",
            AnonymousIds = ["v"],
            RequestedAt = _now,
            PartitionKey = "ann",
        });
        await Eventually.BeTrueAsync(async () => await CountAsync(shop) == 0);
        await shop.AskAsync("placement=home&customerId=ann&anonymousId=v");
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Equal(0, await CountAsync(shop));
    }

    private async Task<RecommendationHost> StartAsync(SetClock clock)
    {
        var shop = await RecommendationHost.StartAsync(backends, clock);
        await shop.TellCatalogueAsync(RecommendationHost.Product("a"), RecommendationHost.Product("b"));
        return shop;
    }

    private static async Task DraftAsync(RecommendationHost shop, string name, object plan)
    {
        var answer = await shop.Ops.PutAsJsonAsync($"/v1/experiments/{name}", plan);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static object[] Arms(params int[] counts) =>
        [.. counts.Select((count, index) => new
        {
            name = $"arm{index}",
            settings = new { sources = new[] { "popular" }, count },
        })];

    private static JsonElement Arm(JsonElement results, int index) => results.GetProperty("arms")[index];

    private static async Task<long> CountAsync(RecommendationHost shop)
    {
        await using var connection = await shop.ConnectAsync();
        return await connection.ExecuteScalarAsync<long>("select count(*) from exposures");
    }
}
