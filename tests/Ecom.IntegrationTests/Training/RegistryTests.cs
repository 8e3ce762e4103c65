using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Ecom.Algorithms.Recommendation;
using Ecom.Contracts.Models;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Training;

public sealed class RegistryTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_run_becomes_a_version_the_version_champion_and_its_artefact_can_be_loaded()
    {
        await using var training = await TrainingFixture.StartAsync(backends);

        var version = await training.TrainAsync("item-knn");

        Assert.True(version.GetProperty("passedGate").GetBoolean());
        Assert.Equal(["champion"], version.GetProperty("aliases").EnumerateArray().Select(alias => alias.GetString()));
        Assert.Equal(1_600, version.GetProperty("dataSet").GetProperty("rows").GetInt64());
        var metrics = version.GetProperty("metrics").GetProperty("ndcg@10").GetDouble();
        var popularity = version.GetProperty("baselines").GetProperty("popularity");
        Assert.True(metrics > popularity.GetProperty("ndcg@10").GetDouble());

        var trained = await training.HearAsync<ModelTrained>(_ => true);
        Assert.Equal((1, true, metrics), (trained.Version, trained.PassedGate, trained.Metrics["ndcg@10"]));
        var promoted = await training.HearAsync<ModelPromoted>(_ => true);
        Assert.Equal(("recommendation", 1, null, "gate"),
            (promoted.Model, promoted.Version, promoted.PreviousVersion, promoted.PromotedBy));

        using var client = training.Service.CreateClient("read");
        using var answer = await client.GetAsync(promoted.ArtefactPath);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(promoted.ArtefactSha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal($"\"{promoted.ArtefactSha256}\"", answer.Headers.ETag?.Tag);
        Assert.Equal(60, RecommenderFormat.Read(new MemoryStream(bytes)).ItemIds.Count);
        using var cached = new HttpRequestMessage(HttpMethod.Get, promoted.ArtefactPath);
        cached.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await client.SendAsync(cached);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        await Eventually.BeTrueAsync(() => Task.FromResult(!training.HasWorkLeft()));
    }

    [Fact]
    public async Task A_version_that_fails_its_gate_leaves_the_champion()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        await training.TrainAsync("popularity");
        await training.TrainAsync("item-knn");
        Assert.Equal(2, await training.ChampionAsync());

        var worse = await training.TrainAsync("popularity");

        Assert.False(worse.GetProperty("passedGate").GetBoolean());
        Assert.Contains("does not beat champion 2", worse.GetProperty("verdict").GetString());
        Assert.Equal(2, worse.GetProperty("championVersion").GetInt32());
        Assert.Equal(2, await training.ChampionAsync());
        var model = await training.GetAsync("/v1/models/recommendation");
        Assert.Equal(3, model.GetProperty("challenger").GetInt32());
        var challenger = await training.GetAsync("/v1/models/recommendation/challenger");
        Assert.Equal(3, challenger.GetProperty("version").GetInt32());
        Assert.Equal([2, 1], Versions(model.GetProperty("promotions")));

        var same = await training.TrainAsync("item-knn");
        Assert.Contains("nothing to promote", same.GetProperty("verdict").GetString());
        Assert.Equal(2, training.Heard<ModelPromoted>().Length);
    }

    [Fact]
    public async Task Roll_back_goes_to_the_champion_before_and_tells_it()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        await training.TrainAsync("popularity");
        await training.TrainAsync("item-knn");

        using var back = await training.PostAsync("/v1/models/recommendation/rollback", new { reason = "complaints" });

        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        Assert.Equal(1, await training.ChampionAsync());
        var told = await training.HearAsync<ModelRolledBack>(_ => true);
        Assert.Equal((2, 1, "complaints"), (told.FromVersion, told.ToVersion, told.Reason));
        await training.HearAsync<ModelPromoted>(
            one => one is { Version: 1, PreviousVersion: 2, PromotedBy: "client-ops" });

        using var further = await training.PostAsync("/v1/models/recommendation/rollback", new { reason = "more" });
        Assert.Equal(HttpStatusCode.Conflict, further.StatusCode);
        using var promoted = await training.PostAsync(
            "/v1/models/recommendation/promote", new { version = 2, reason = "fixed" });
        Assert.Equal(HttpStatusCode.OK, promoted.StatusCode);
        Assert.Equal(2, await training.ChampionAsync());
        var trail = (await training.GetAsync("/v1/models/recommendation")).GetProperty("promotions");
        Assert.Equal([2, 1, 2, 1], Versions(trail));
        Assert.Equal("rolled-back", trail[1].GetProperty("kind").GetString());
        Assert.Equal(("client-ops", "fixed"),
            (trail[0].GetProperty("promotedBy").GetString(), trail[0].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task What_cannot_be_promoted_or_rolled_back_to_is_refused()
    {
        await using var training = await TrainingFixture.StartAsync(backends, ("Training:AutoPromote", "false"));
        await training.TrainAsync("popularity");
        using var client = training.Service.CreateClient("read");
        using var none = await client.GetAsync("/v1/models/recommendation/champion");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

        await AssertRefusedAsync("promote", new { version = 9, reason = "x" }, HttpStatusCode.NotFound);
        await AssertRefusedAsync("promote", new { version = 1, reason = " " }, HttpStatusCode.BadRequest);
        await AssertRefusedAsync("rollback", new { reason = "x" }, HttpStatusCode.Conflict);
        (await training.PostAsync("/v1/models/recommendation/promote", new { version = 1, reason = "x" })).Dispose();
        await training.TrainAsync("item-knn");
        await AssertRefusedAsync("promote", new { version = 1, reason = "x" }, HttpStatusCode.Conflict);
        await AssertRefusedAsync("rollback", new { reason = "x", toVersion = 2 }, HttpStatusCode.Conflict);
        Assert.Equal(1, await training.ChampionAsync());

        async Task AssertRefusedAsync(string path, object body, HttpStatusCode status)
        {
            using var answer = await training.PostAsync($"/v1/models/recommendation/{path}", body);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_damaged_artefact_is_neither_served_nor_promoted()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        await training.TrainAsync("popularity");
        await training.TrainAsync("item-knn");
        var file = training.ArtefactFile("recommendation", 1);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        using var client = training.Service.CreateClient("read");
        using var served = await client.GetAsync("/v1/models/recommendation/versions/1/artefact");
        Assert.Equal(HttpStatusCode.InternalServerError, served.StatusCode);
        Assert.Contains("damaged", await served.Content.ReadAsStringAsync());
        using var promoted = await training.PostAsync(
            "/v1/models/recommendation/promote", new { version = 1, reason = "x" });
        Assert.Equal(HttpStatusCode.Conflict, promoted.StatusCode);
        using var back = await training.PostAsync("/v1/models/recommendation/rollback", new { reason = "x" });
        Assert.Equal(HttpStatusCode.Conflict, back.StatusCode);
        Assert.Equal(2, await training.ChampionAsync());

        File.Delete(file);
        using var missing = await client.GetAsync("/v1/models/recommendation/versions/1/artefact");
        Assert.Equal(HttpStatusCode.InternalServerError, missing.StatusCode);
    }

    [Fact]
    public async Task Segments_are_trained_from_orders_beside_recommendations()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        training.Orders = PlantedTastes.ToBody(Enumerable.Range(0, 300).Select(order => JsonSerializer.Serialize(
            new
            {
                orderId = $"o{order}",
                customerId = $"c{order % 100}",
                at = PlantedTastes.Start.AddDays(order % 100 < 50 ? order % 7 : 200 + (order % 7)),
                amount = order % 100 < 50 ? 1_000 : 90_000,
                cancelled = false,
            },
            JsonSerializerOptions.Web)));

        var segments = await training.TrainAsync("segments", new { fewest = 2, most = 4, restarts = 3 });
        await training.TrainAsync("popularity");

        Assert.True(segments.GetProperty("metrics").GetProperty("silhouette").GetDouble() > 0.5);
        Assert.Equal(1, await training.ChampionAsync("segments"));
        Assert.Equal(1, await training.ChampionAsync());
        await training.HearAsync<ModelPromoted>(promoted => promoted is { Model: "segments", Version: 1 });
    }

    [Fact]
    public async Task What_a_blend_settled_on_is_kept_and_measures_it_again_beside_another_trainer()
    {
        await using var training = await TrainingFixture.StartAsync(backends);
        var blend = await training.TrainAsync("blend", new { searchSeconds = 2 });
        Assert.NotEqual(0, blend.GetProperty("settled").GetProperty("blend").GetProperty("members").GetArrayLength());

        // Whether so short a search beats its baselines is not what is asked here; 409 if it did.
        using var promoted = await training.PostAsync(
            "/v1/models/recommendation/promote", new { version = 1, reason = "to be compared with" });

        var other = await training.TrainAsync("item-knn");

        // The same data and split, so the same figures to the last digit: a new search need not end there.
        Assert.Equal(
            blend.GetProperty("metrics").GetProperty("ndcg@10").GetDouble(),
            other.GetProperty("championMetrics").GetProperty("ndcg@10").GetDouble());
    }

    [Fact]
    public async Task Live_quality_below_its_past_is_told_and_starts_a_run()
    {
        await using var training = await TrainingFixture.StartAsync(backends, ("Training:RetrainPause", "00:00:00"));
        await training.TrainAsync("item-knn");
        var day = TimeSpan.FromDays(1);

        await training.PublishAsync(Measured(_now, 0.10));
        await WaitForOutcomesAsync(1);
        var bad = Guid.NewGuid();
        await training.PublishAsync(Measured(_now + day, 0.05), bad);
        await training.PublishAsync(Measured(_now + day, 0.05), bad);

        var told = await training.HearAsync<ModelQualityDegraded>(_ => true);
        Assert.Equal(("clickThroughRate", 0.05), (told.Metric, told.Value));
        Assert.Equal(0.08, told.Expected, 12);
        await WaitForOutcomesAsync(2);
        var runs = (await training.GetAsync("/v1/runs")).GetProperty("runs").EnumerateArray().ToArray();
        Assert.Single(runs, run => run.GetProperty("reason").GetString() == "degradation");
        Assert.Single(training.Heard<ModelQualityDegraded>());

        Task WaitForOutcomesAsync(int count) => Eventually.BeTrueAsync(async () =>
            (await training.GetAsync("/v1/models/recommendation")).GetProperty("outcomes").GetArrayLength() == count);
    }

    private static ModelOutcomesMeasured Measured(DateTimeOffset from, double rate) => new()
    {
        Model = "recommendation",
        Version = 1,
        Metrics = new Dictionary<string, double> { ["clickThroughRate"] = rate },
        SampleSize = 500,
        From = from,
        To = from + TimeSpan.FromHours(20),
    };

    private static IEnumerable<int> Versions(JsonElement promotions) =>
        promotions.EnumerateArray().Select(one => one.GetProperty("version").GetInt32());
}
