using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Replicas;

/// <summary>Two replicas of every consumer do what one does, and share the work.</summary>
public sealed class ReplicaTests(Backends backends) : IClassFixture<Backends>
{
    // Keys without an entity: lists that are the same for everybody, and each service's marker by which it sees that
    // Redis lost its data. Each is read and written alone.
    private static readonly string[] _untagged =
    [
        "recommendation:popular", "recommendation:trending", "recommendation:segments",
        "feature-store:marker", "fraud:marker", "profiling:marker", "recommendation:marker",
    ];

    [Fact]
    public async Task Two_replicas_of_each_service_leave_what_one_leaves()
    {
        var messages = ShopDay.Of(TimeProvider.System.GetUtcNow());
        IReadOnlyList<string> expected;
        await using (var single = await RunningShop.StartAsync(backends, replicas: 1))
        {
            await PublishAsync(single);
            expected = await single.EffectsAsync();
        }

        await using var twin = await RunningShop.StartAsync(backends, replicas: 2);
        await PublishAsync(twin);

        AssertHoldsEverything(expected);
        Assert.Equal(expected, await twin.EffectsAsync());
        Assert.All(twin.Work, replica => Assert.True(replica.Consumed > 0, $"an idle replica of {replica.Schema}"));
        AssertTagged(await twin.KeysAsync());

        async Task PublishAsync(RunningShop shop)
        {
            await shop.PublishAsync(messages.Select(message => (message.Id, message.Message)));
            await shop.ConsumedAsync(messages.Sum(message => message.Consumers));
        }
    }

    private static void AssertHoldsEverything(IReadOnlyList<string> effects)
    {
        Assert.Equal(40, effects.Count(effect => effect.StartsWith("fraud: pay", StringComparison.Ordinal)));
        Assert.Equal(60, effects.Count(effect => effect.StartsWith("profiling: (o", StringComparison.Ordinal)));
        Assert.Equal(60, effects.Count(effect => effect.StartsWith("forecasting: (o", StringComparison.Ordinal)));
        Assert.Contains(effects, effect => effect.StartsWith(
            "feature-store: Customer c1 customer_views:n:d", StringComparison.Ordinal));
        Assert.Contains(effects, effect => effect.StartsWith("fraud: Card ", StringComparison.Ordinal));
    }

    // A cluster keeps keys of one tag together, and an entity's keys are changed together.
    private static void AssertTagged(IReadOnlyList<string> keys)
    {
        Assert.NotEmpty(keys);
        Assert.All(keys.Except(_untagged), key => Assert.Matches("^[a-z-]+:[^{}]*{[^{}]+}", key));
    }
}
