using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class EstimateTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Other_settings_and_rules_are_judged_on_an_explored_log()
    {
        await using var shop = await StartAsync();

        // One product an answer: popular with 0.75, trending with 0.25; each second trending one is clicked.
        await ServeAsync(shop, count: 800, explores: true);

        var trending = await EstimateAsync(
            shop, new { settings = new { sources = new[] { "trending", "popular" }, count = 1 } });
        Assert.Equal(HttpStatusCode.OK, trending.Status);
        Assert.Equal(0.5, trending.Body.GetProperty("clickRate").GetDouble(), 0.001);
        Assert.Equal(0.125, trending.Body.GetProperty("loggedClickRate").GetDouble(), 0.001);
        Assert.Equal(1, trending.Body.GetProperty("support").GetDouble(), 0.001);
        Assert.InRange(trending.Body.GetProperty("high").GetDouble(), 0.51, 0.65);

        var made = await shop.Ops.PostAsJsonAsync("/v1/rules", new
        {
            title = "No popular",
            owner = "mia",
            expiresAt = _now.AddDays(1),
            when = new { products = new[] { "p" } },
            exclude = true,
        });
        var rule = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("number").GetInt64();
        var ruled = await EstimateAsync(shop, new { rules = new[] { rule } });
        Assert.Equal(0.5, ruled.Body.GetProperty("clickRate").GetDouble(), 0.001);
    }

    [Fact]
    public async Task A_log_that_says_too_little_is_refused_with_the_reason()
    {
        await using var shop = await StartAsync();
        var target = new { settings = new { sources = new[] { "trending" }, count = 1 } };

        await ServeAsync(shop, count: 50, explores: false);
        Assert.Contains("exploration of 0.05", await RefusalAsync(shop, target), StringComparison.Ordinal);

        await ServeAsync(shop, count: 80, explores: true);
        Assert.Contains("worth only 20 positions", await RefusalAsync(shop, target), StringComparison.Ordinal);
        Assert.Contains(
            "no candidates of similar",
            await RefusalAsync(shop, new { settings = new { sources = new[] { "similar" }, count = 1 } }),
            StringComparison.Ordinal);
        var wrong = await EstimateAsync(shop, new { settings = new { sources = new[] { "x" } }, rules = new[] { 7 } });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.Status);
        Assert.Equal(
            ["rules[0]", "settings.sources[0]"],
            wrong.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    private async Task<RecommendationHost> StartAsync()
    {
        var shop = await RecommendationHost.StartAsync(
            backends, new SetClock(_now), ("Recommendation:SamplesPerSecond", "0"));
        await shop.TellCatalogueAsync(RecommendationHost.Product("p"), RecommendationHost.Product("t"));
        return shop;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> EstimateAsync(
        RecommendationHost shop, object question)
    {
        var answer = await shop.Ops.PostAsJsonAsync("/v1/placements/home/estimate", question);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static async Task<string> RefusalAsync(RecommendationHost shop, object question)
    {
        var (status, body) = await EstimateAsync(shop, question);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        return body.GetProperty("detail").GetString()!;
    }

    private static async Task ServeAsync(RecommendationHost shop, int count, bool explores)
    {
        var id = new AnswerId
        {
            Placement = "home",
            ModelVersion = 0,
            Experiment = 0,
            Arm = 0,
            Unit = 0,
            ServedAt = _now.AddHours(-1),
        };
        var answers = Enumerable.Range(0, count).Select(index => new ServedAnswer
        {
            Id = id,
            AnonymousId = null,
            Degraded = false,
            Elapsed = TimeSpan.Zero,
            Candidates = ["p", "t"],
            Sources = ["popular", "trending"],
            Message = new ServedRecommendation
            {
                RecommendationId = id.Write(),
                Placement = "home",
                ProductIds = [index % 4 == 3 ? "t" : "p"],
                Propensities = explores ? [index % 4 == 3 ? 0.25 : 0.75] : null,
                Source = "popular",
                ServedAt = id.ServedAt,
            },
        }).ToArray();
        await shop.Service.Services.GetRequiredService<AnswerStore>().AnnounceAsync(answers, CancellationToken.None);
        var clicks = answers.Where((_, index) => explores && index % 8 == 7).Select(answer => RecommendationHost.Act(
            InteractionKind.RecommendationClicked, "v", "t", answer.Message.RecommendationId, _now)).ToArray();
        if (clicks.Length == 0)
        {
            return;
        }

        await shop.PublishAsync(new InteractionsRecorded { Interactions = clicks });
        await Eventually.BeTrueAsync(async () =>
        {
            await using var connection = await shop.ConnectAsync();
            return await Dapper.SqlMapper.ExecuteScalarAsync<long>(
                connection, "select count(*) from answer_touches where clicked") == clicks.Length;
        });
    }
}
