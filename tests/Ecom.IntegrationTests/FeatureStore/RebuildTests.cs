using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Contracts.Behaviour;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

public sealed class RebuildTests(FeatureStoreFixture fixture) : IClassFixture<FeatureStoreFixture>
{
    private static readonly DateTimeOffset _now = FeatureStoreFixture.Now;

    [Fact]
    public async Task A_rebuilt_generation_equals_the_old_one_bit_for_bit_while_events_go_on()
    {
        using var client = fixture.First.CreateClient(Scopes.Ops);
        var online = fixture.First.Services.GetRequiredService<OnlineFeatures>();
        var old = online.Active;
        await PublishAsync(0, 30);
        await client.PostAsync("/v1/generations", null);
        await PublishAsync(30, 30);
        await fixture.QuiesceAsync();

        // Read before the switch: a few seconds after it the keys of the old one are deleted.
        EntityKey[] entities = [.. Enumerable.Range(0, 5).SelectMany(i => new[]
        {
            new EntityKey(EntityKind.Customer, $"c{i}"), new EntityKey(EntityKind.Product, $"p{i}"),
        })];
        var expected = await Task.WhenAll(entities.Select(entity => old.ReadStoredAsync(entity, default)));
        await Eventually.ReadAsync(
            async () => (await client.GetFromJsonAsync<JsonElement[]>("/v1/generations"))![0]
                .GetProperty("state").GetString(),
            state => state == "active",
            seconds: 60);

        var rebuilt = old.InGeneration(2);
        foreach (var (entity, state) in entities.Zip(expected))
        {
            Assert.True(state.Fields().Count > 5);
            Assert.Equal(state.Fields(), (await rebuilt.ReadStoredAsync(entity, default)).Fields());
        }

        await Eventually.BeTrueAsync(() => Task.FromResult(online.Active.Generation == 2));
    }

    [Fact]
    public async Task A_value_that_history_does_not_give_is_found()
    {
        using var client = fixture.First.CreateClient(Scopes.Ops);
        var online = fixture.First.Services.GetRequiredService<OnlineFeatures>();
        await fixture.PublishAsync(Guid.NewGuid(), new InteractionsRecorded
        {
            Interactions = [ShopMessages.Viewed(_now.AddHours(-2), "c-drifting", "p-drifting", session: "s-drifting")],
        });
        var session = new EntityKey(EntityKind.Session, "s-drifting");
        await Eventually.BeTrueAsync(
            async () => (await online.Active.ReadStoredAsync(session, default)).NewestAt is not null);
        await fixture.QuiesceAsync();
        var before = await client.GetFromJsonAsync<JsonElement>("/v1/consistency/session");

        // An event that Redis counted and history never saw.
        var stray = ShopEvents.From(ShopMessages.Viewed(_now.AddHours(-1), null, "p", "a", session: "s-drifting"));
        await online.ApplyAsync(
            [.. online.Set.Fold(Guid.NewGuid(), stray).Where(delta => delta.Entity == session)], default);
        var after = await client.GetFromJsonAsync<JsonElement>("/v1/consistency/session");

        Assert.Equal(1, before.GetProperty("entities").GetInt32());
        Assert.Equal(0, before.GetProperty("differences").GetArrayLength());
        var difference = after.GetProperty("differences").EnumerateArray()
            .Single(each => each.GetProperty("online").GetProperty("name").GetString() == "session_views_1d");
        Assert.Equal("s-drifting", difference.GetProperty("id").GetString());
        Assert.Equal(2, difference.GetProperty("online").GetProperty("value").GetInt32());
        Assert.Equal(1, difference.GetProperty("history").GetProperty("value").GetInt32());
    }

    private async Task PublishAsync(int from, int count)
    {
        foreach (var i in Enumerable.Range(from, count))
        {
            await fixture.PublishAsync(Guid.NewGuid(), new InteractionsRecorded
            {
                Interactions = [ShopMessages.Viewed(_now.AddHours(-i), $"c{i % 5}", $"p{i % 5}")],
            });
            var order = ShopMessages.Order(_now.AddHours(-i), $"c{i % 5}", ($"p{i % 5}", 1));
            await fixture.PublishAsync(order.EventId, order);
        }
    }
}
