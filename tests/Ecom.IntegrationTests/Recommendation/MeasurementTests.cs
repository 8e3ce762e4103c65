using System.Collections.Concurrent;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Models;
using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

public sealed class MeasurementTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _hour = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_fall_of_clicks_is_announced_hour_by_hour_once_on_whatever_replica()
    {
        var clock = new SetClock(_hour.AddMinutes(10));
        await using var shop = await RecommendationHost.StartAsync(
            backends, clock, ("Recommendation:MeasuredAnswers", "200"));
        await using var second = await shop.StartReplicaAsync();
        var heard = new ConcurrentQueue<ModelOutcomesMeasured>();
        var bus = shop.Service.Services.GetRequiredService<IBusControl>();
        var endpoint = bus.ConnectReceiveEndpoint("test-measured", queue => queue.Handler<ModelOutcomesMeasured>(
            context =>
            {
                heard.Enqueue(context.Message);
                return Task.CompletedTask;
            }));
        await endpoint.Ready;

        await ServeAsync(shop, clock.Now, answers: 200, clicked: 60);
        clock.Now = _hour.AddHours(1).AddMinutes(35);
        await Eventually.BeTrueAsync(() => Task.FromResult(heard.Count == 1));
        await ServeAsync(shop, clock.Now, answers: 200, clicked: 6);
        clock.Now = _hour.AddHours(2).AddMinutes(35);
        await Eventually.BeTrueAsync(() => Task.FromResult(heard.Count == 2));

        // Too few answers wait for more, but no longer than a day.
        await ServeAsync(shop, clock.Now, answers: 10, clicked: 1);
        clock.Now = _hour.AddHours(4).AddMinutes(35);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(2, heard.Count);
        clock.Now = _hour.AddHours(30);
        await Eventually.BeTrueAsync(() => Task.FromResult(heard.Count == 3));
        await Task.Delay(TimeSpan.FromSeconds(2));

        Assert.Equal([0.15, 0.015, 0.05], heard.Select(one => one.Metrics["clickThroughRate"]));
        Assert.Equal([200, 200, 10], heard.Select(one => one.SampleSize));
        Assert.All(heard, one => Assert.Equal(("recommendation", 3), (one.Model, one.Version)));
        Assert.Equal(_hour, heard.First().From);
        Assert.Equal(_hour.AddHours(1), heard.First().To);
    }

    // Answers of two products of model 3; one click each of the first ones.
    private static async Task ServeAsync(RecommendationHost shop, DateTimeOffset at, int answers, int clicked)
    {
        var store = shop.Service.Services.GetRequiredService<AnswerStore>();
        var id = new AnswerId
        {
            Placement = "home",
            ModelVersion = 3,
            Experiment = 0,
            Arm = 0,
            Unit = 0,
            ServedAt = at,
        };
        var served = Enumerable.Range(0, answers).Select(_ => new ServedAnswer
        {
            Id = id,
            AnonymousId = null,
            Degraded = false,
            Elapsed = TimeSpan.Zero,
            Message = new ServedRecommendation
            {
                RecommendationId = id.Write(),
                Placement = "home",
                ProductIds = ["a", "b"],
                ModelVersion = 3,
                Source = "personal",
                ServedAt = at,
            },
        }).ToArray();
        await store.AnnounceAsync(served, CancellationToken.None);
        await shop.PublishAsync(new InteractionsRecorded
        {
            Interactions = [.. served.Take(clicked).Select(answer => RecommendationHost.Act(
                InteractionKind.RecommendationClicked, "v", "a", answer.Message.RecommendationId, at))],
        });
        await Eventually.BeTrueAsync(async () =>
        {
            await using var connection = await shop.ConnectAsync();
            return await Dapper.SqlMapper.ExecuteScalarAsync<bool>(
                connection,
                "select clicks = @clicked from answer_hours where hour = @hour",
                new { clicked = (long)clicked, hour = Hours.Of(at) });
        });
    }
}
