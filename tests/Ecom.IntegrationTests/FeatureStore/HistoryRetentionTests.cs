using Dapper;
using Ecom.FeatureStore;
using Ecom.FeatureStore.Jobs;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.FeatureStore;

/// <summary>Months of history beyond their age go, younger ones stay, and the store goes on.</summary>
public sealed class HistoryRetentionTests(Backends backends) : IClassFixture<Backends>
{
    private static readonly DateTimeOffset _now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Months_beyond_their_age_go_and_the_others_stay()
    {
        await using var store = await StartAsync(("FeatureStore:KeepEventDays", "400"));
        await RecordAsync(store, _now, _now.AddDays(-300), _now.AddDays(-400), _now.AddDays(-450));

        await PruneAsync(store);

        // The month of the four hundredth day stays whole.
        Assert.Equal([_now.AddDays(-400), _now.AddDays(-300), _now], await TimesAsync(store));
    }

    [Fact]
    public async Task Days_count_back_from_the_newest_event_if_that_is_old()
    {
        var newest = new DateTimeOffset(2011, 12, 9, 12, 0, 0, TimeSpan.Zero);
        await using var store = await StartAsync(("FeatureStore:KeepEventDays", "400"));
        await RecordAsync(store, newest, newest.AddDays(-399), newest.AddDays(-500));

        await PruneAsync(store);

        Assert.Equal([newest.AddDays(-399), newest], await TimesAsync(store));
    }

    [Fact]
    public async Task History_without_age_is_kept_for_ever()
    {
        await using var store = await StartAsync(("FeatureStore:KeepEventDays", "0"));
        await RecordAsync(store, _now, _now.AddDays(-9_000));

        await PruneAsync(store);

        Assert.Equal(2, (await TimesAsync(store)).Length);
    }

    [Fact]
    public async Task An_event_of_a_month_that_went_is_recorded_and_goes_again()
    {
        var clock = new SetClock(_now);
        await using var store = await StartAsync(clock, ("FeatureStore:KeepEventDays", "400"));
        await RecordAsync(store, _now, _now.AddDays(-500));
        await PruneAsync(store);

        await RecordAsync(store, _now.AddDays(-500));
        Assert.Equal(2, (await TimesAsync(store)).Length);

        // As another replica: it dropped the month, and this one finds out within a minute.
        await PruneElsewhereAsync(store);
        clock.Now = _now.AddMinutes(2);
        await RecordAsync(store, _now.AddDays(-500));
        Assert.Equal(2, (await TimesAsync(store)).Length);
    }

    [Theory]
    [InlineData("395")]
    [InlineData("-1")]
    public async Task History_shorter_than_the_longest_window_does_not_start(string days) =>
        await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("FeatureStore:KeepEventDays", days)));

    private Task<ServiceHost> StartAsync(params (string Key, string Value)[] more) =>
        StartAsync(new SetClock(_now), more);

    private async Task<ServiceHost> StartAsync(TimeProvider clock, params (string Key, string Value)[] more)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("feature_store")).ConnectionString,
            ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
        };
        foreach (var (key, value) in more)
        {
            configuration[key] = value;
        }

        return await ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton(clock);
                builder.AddFeatureStore();
            },
            app => app.MapFeatureStore(),
            configuration);
    }

    private static async Task RecordAsync(ServiceHost store, params DateTimeOffset[] times)
    {
        var recorder = store.Services.GetRequiredService<EventRecorder>();
        foreach (var at in times)
        {
            await recorder.RecordAsync(
                new InboxEntry("test", Guid.NewGuid()),
                ShopEvents.From(ShopMessages.Order(at, "c", ("p", 1))).Take(1).ToArray(),
                default);
        }
    }

    private static Task PruneAsync(ServiceHost store) =>
        store.Services.GetRequiredService<RetentionJob>().PruneAsync(default);

    private static Task PruneElsewhereAsync(ServiceHost store) =>
        new Months(store.Services.GetRequiredService<NpgsqlDataSource>(), new SetClock(_now))
            .DropAsync(_now.AddDays(-400), default);

    private static async Task<DateTimeOffset[]> TimesAsync(ServiceHost store)
    {
        await using var connection = await store.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        return [.. (await connection.QueryAsync<DateTime>("select at from shop_events order by at"))
            .Select(at => new DateTimeOffset(at))];
    }
}
