using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Contracts.Features;
using Ecom.Contracts.Models;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Training;

public sealed class RunTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_request_repeated_by_api_and_bus_starts_one_run()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        var run = Guid.NewGuid();
        var wish = new TrainModel { RunId = run, Trainer = "popularity", Reason = "schedule", RequestedAt = _now };
        var messageId = Guid.NewGuid();

        await training.PublishAsync(wish, messageId);
        await Eventually.BeTrueAsync(async () =>
            (await training.GetAsync("/v1/runs")).GetProperty("runs").GetArrayLength() == 1);
        await training.PublishAsync(wish, messageId);
        await training.PublishAsync(wish);
        using var again = await training.PostAsync("/v1/runs", new { trainer = "popularity", runId = run });

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await training.WaitForAsync(run, "succeeded");
        await training.TrainAsync("item-knn");
        var runs = (await training.GetAsync("/v1/runs")).GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(2, runs.Length);
        Assert.Equal("schedule", runs[1].GetProperty("reason").GetString());
        Assert.Single(training.Heard<ModelTrained>(), trained => trained.RunId == run);
    }

    [Fact]
    public async Task Cancel_kills_the_child_process()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        training.Interactions = null;
        var run = await training.StartRunAsync("als");
        await Eventually.BeTrueAsync(
            () => Task.FromResult(ChildOf(run) is not null && training.KeySeen is not null), seconds: 60);
        Assert.Equal(ServiceHost.KeyOf("admin"), training.KeySeen);

        using var cancelled = await training.PostAsync($"/v1/runs/{run}/cancel", new { });

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        await training.WaitForAsync(run, "cancelled");
        Assert.Null(ChildOf(run));
        await Eventually.BeTrueAsync(() => Task.FromResult(!training.HasWorkLeft()));
        using var again = await training.PostAsync($"/v1/runs/{run}/cancel", new { });
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_queued_run_is_cancelled_at_once_and_an_ended_one_not_at_all()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        training.Interactions = null;
        var first = await training.StartRunAsync("popularity");
        var second = await training.StartRunAsync("item-knn");
        using var cancelled = await training.PostAsync($"/v1/runs/{second}/cancel", new { });
        var answer = await cancelled.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("cancelled", answer.GetProperty("state").GetString());
        (await training.PostAsync($"/v1/runs/{first}/cancel", new { })).Dispose();
        await training.WaitForAsync(first, "cancelled");

        training.Interactions = [];
        var third = await training.StartRunAsync("popularity");
        await training.WaitForAsync(third, "failed");
        using var late = await training.PostAsync($"/v1/runs/{third}/cancel", new { });
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    [Fact]
    public async Task A_dead_owners_run_is_taken_over_when_its_lease_expires()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        await training.TrainAsync("popularity");
        var run = Guid.NewGuid();
        await training.ExecuteAsync($"""
            insert into leases (name, owner, expires_at)
            values ('train:recommendation', 'dead', now() + interval '10 seconds')
            on conflict (name) do update set owner = 'dead', expires_at = now() + interval '10 seconds';
            insert into runs (
                run_id, trainer, model, reason, requested_by, options, state, owner, attempt, queued_at, started_at)
            values (
                '{run}', 'item-knn', 'recommendation', 'manual', 'test', '{"{}"}', 'running', 'dead', 1, now(),
                now())
            """);

        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal("dead", (await training.GetAsync($"/v1/runs/{run}")).GetProperty("owner").GetString());
        var ended = await training.WaitForAsync(run, "succeeded");
        Assert.Equal(2, ended.GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task A_run_whose_owners_keep_dying_fails()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        var run = Guid.NewGuid();
        await training.ExecuteAsync($"""
            insert into models (name) values ('recommendation');
            insert into runs (
                run_id, trainer, model, reason, requested_by, options, state, owner, attempt, queued_at, started_at)
            values (
                '{run}', 'popularity', 'recommendation', 'manual', 'test', '{"{}"}', 'running', 'dead', 3, now(),
                now())
            """);
        var ended = await training.WaitForAsync(run, "failed");
        Assert.Contains("each time the replica died", ended.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_replica_that_stops_gives_its_run_to_another_and_takes_its_child_along()
    {
        // So long that it is given back, not let expire, even if the machine stands still for seconds.
        await using var training = await TrainingFixture.StartAsync(backends, ("Training:LeaseDuration", "00:00:10"));
        training.Interactions = null;
        var run = await training.StartRunAsync("popularity");
        await Eventually.BeTrueAsync(() => Task.FromResult(ChildOf(run) is not null), seconds: 60);
        var child = ChildOf(run);

        var second = await training.AddReplicaAsync();
        training.Interactions = PlantedTastes.ToBody(PlantedTastes.Lines());
        await training.Service.DisposeAsync();

        Assert.NotEqual(child, ChildOf(run));
        using var client = second.CreateClient("read");
        var ended = await Eventually.ReadAsync(
            () => client.GetFromJsonAsync<JsonElement>($"/v1/runs/{run}"),
            answer => answer.GetProperty("state").GetString() == "succeeded",
            seconds: 60);
        Assert.Equal(1, ended.GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task A_run_that_takes_too_long_is_killed_and_says_so()
    {
        await using var training = await TrainingFixture.StartAsync(backends, ("Training:RunLimit", "00:00:02"));
        training.Interactions = null;
        var run = await training.StartRunAsync("popularity");
        var ended = await training.WaitForAsync(run, "failed");
        Assert.Contains("took longer than", ended.GetProperty("error").GetString());
        Assert.Null(ChildOf(run));
    }

    [Fact]
    public async Task Data_that_do_not_allow_training_end_as_failed_runs_with_the_reason()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        training.Interactions = PlantedTastes.ToBody(PlantedTastes.Lines().Take(10));
        var few = await training.WaitForAsync(await training.StartRunAsync("als"), "failed");
        Assert.Contains("Only 10 interactions", few.GetProperty("error").GetString());

        await using var alone = await TrainingFixture.StartAsync(
            backends, ("Services:FeatureStore", "http://127.0.0.1:9"));
        var away = await alone.WaitForAsync(await alone.StartRunAsync("als"), "failed");
        Assert.Contains("feature store cannot be reached", away.GetProperty("error").GetString());
        Assert.Equal(JsonValueKind.Array, (await alone.GetAsync("/v1/models")).ValueKind);
    }

    [Theory]
    [InlineData("""{"trainer":"magic"}""", "ops", HttpStatusCode.BadRequest, "trainer")]
    [InlineData("""{}""", "ops", HttpStatusCode.BadRequest, "trainer")]
    [InlineData("""{"trainer":"als","options":{"factors":0}}""", "ops", HttpStatusCode.BadRequest, "options.factors")]
    [InlineData("""{"trainer":"als","options":{"sead":1}}""", "ops", HttpStatusCode.BadRequest, "sead")]
    [InlineData("""{"trainer":""", "ops", HttpStatusCode.BadRequest, "")]
    [InlineData("""{"trainer":"als"}""", "read", HttpStatusCode.Forbidden, "")]
    [InlineData("""{"trainer":"als"}""", null, HttpStatusCode.Unauthorized, "")]
    public async Task A_bad_request_starts_nothing(string body, string? scope, HttpStatusCode status, string says)
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        using var client = training.Service.CreateClient(scope);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/v1/runs", content);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty((await training.GetAsync("/v1/runs")).GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task Runs_are_listed_by_state_and_page()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        training.Interactions = [];
        foreach (var trainer in new[] { "popularity", "als", "popularity" })
        {
            await training.WaitForAsync(await training.StartRunAsync(trainer), "failed");
        }

        var first = await training.GetAsync("/v1/runs?state=failed&limit=2");
        Assert.Equal(2, first.GetProperty("runs").GetArrayLength());
        var rest = await training.GetAsync($"/v1/runs?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal(1, rest.GetProperty("runs").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        Assert.Equal(1, (await training.GetAsync("/v1/runs?trainer=als")).GetProperty("runs").GetArrayLength());
        Assert.Equal(0, (await training.GetAsync("/v1/runs?state=queued")).GetProperty("runs").GetArrayLength());
    }

    [Theory]
    [InlineData("Training:RetrainAfter:recommendation", "00:00:02", "schedule")]
    [InlineData("Training:RetrainAtNewRows:recommendation", "1600", "volume")]
    public async Task A_champion_is_trained_again_when_it_is_old_or_the_data_have_grown(
        string setting, string value, string reason)
    {
        await using var training = await TrainingFixture.StartAsync(
            backends, (setting, value), ("Training:RetrainCheck", "00:00:00.5"), ("Training:RetrainPause", "00:00:00"));
        await training.TrainAsync("popularity");

        var run = await Eventually.ReadAsync(
            async () => (await training.GetAsync("/v1/runs")).GetProperty("runs").EnumerateArray().First(),
            newest => newest.GetProperty("reason").GetString() == reason,
            seconds: 30);

        Assert.Equal("popularity", run.GetProperty("trainer").GetString());
    }

    [Fact]
    public async Task Without_new_rows_enough_nothing_is_trained_again()
    {
        await using var training = await TrainingFixture.StartAsync(
            backends,
            ("Training:RetrainAtNewRows:recommendation", "1601"),
            ("Training:RetrainCheck", "00:00:00.1"),
            ("Training:RetrainPause", "00:00:00"));
        await training.TrainAsync("popularity");

        await Task.Delay(TimeSpan.FromSeconds(1.5));

        Assert.Equal(1, (await training.GetAsync("/v1/runs")).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Drift_trains_the_champions_recipe_again_unless_it_was_just_trained()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        await training.TrainAsync("item-knn", new { neighbours = 7 });
        var drift = new FeatureDriftDetected
        {
            Feature = "customer_orders_30d",
            Statistic = "psi",
            Value = 0.4,
            Threshold = 0.2,
            SampleSize = 1_000,
            DetectedAt = _now,
        };

        await training.PublishAsync(drift);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await training.GetAsync("/v1/runs")).GetProperty("runs").GetArrayLength());

        await training.ExecuteAsync("update runs set queued_at = queued_at - interval '2 hours'");
        await training.PublishAsync(drift);
        var runs = await Eventually.ReadAsync(
            () => training.GetAsync("/v1/runs"), answer => answer.GetProperty("runs").GetArrayLength() == 2);
        var newest = runs.GetProperty("runs")[0];
        Assert.Equal("drift", newest.GetProperty("reason").GetString());
        Assert.Equal(7, newest.GetProperty("options").GetProperty("neighbours").GetInt32());
    }

    // The command line names the run; there is no need to trust a recorded process id.
    private static int? ChildOf(Guid run)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), out var id)
                    && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains($"{run}", StringComparison.Ordinal))
                {
                    return id;
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
            }
        }

        return null;
    }
}
