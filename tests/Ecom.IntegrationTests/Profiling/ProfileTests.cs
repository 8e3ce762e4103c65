using System.Net;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;
using Xunit;
using static Ecom.IntegrationTests.Profiling.ShopMessages;

namespace Ecom.IntegrationTests.Profiling;

public sealed class ProfileTests(Backends backends) : ProfilingFixture(backends)
{
    [Fact]
    public async Task Orders_refunds_visits_and_traits_become_a_profile_in_redis()
    {
        await PublishAsync(Order("o1", "ann", Now.AddDays(-9), pounds: 20));
        await PublishAsync(Order("o2", "ann", Now.AddDays(-3), pounds: 10));
        await PublishAsync(Order("o3", "bob", Now));
        await PublishAsync(Refund("r1", "o1", "ann", Now));
        await PublishAsync(Visit("ann", Now));
        await PublishAsync(Visit("ann", Now, bot: true));
        await PublishAsync(Identified("ann", "GB", Now));

        var profile = await ReadProfileAsync("ann", p => p is { Orders: 2, Refunded: 300, Views: 2, Country: "GB" });

        Assert.Equal((3_000L, 1L, (string?)null), (profile.Spent, profile.Carts, profile.Segment));
        await ReadProfileAsync("ann", p => p.RecencyDays == 3);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Redis);
        Assert.True(await redis.GetDatabase().KeyExistsAsync("profiling:profile:{ann}"));
    }

    [Fact]
    public async Task Redelivered_and_reordered_messages_count_once()
    {
        var first = Order("o1", "ann", Now, pounds: 20);
        var second = Order("o2", "ann", Now, pounds: 10);
        var visit = Visit("ann", Now);
        var visitId = Guid.NewGuid();
        var refund = Refund("r1", "o1", "ann", Now);
        await PublishAsync(Cancellation("o3", "ann", Now));
        await PublishAsync(refund);
        await PublishAsync(first);
        await PublishAsync(visit, visitId);
        await PublishAsync(second);
        await PublishAsync(first);
        await PublishAsync(visit, visitId);
        await PublishAsync(refund);
        await PublishAsync(Order("o3", "ann", Now, pounds: 50));
        await PublishAsync(Order("o4", "ann", Now, pounds: 1));

        await ReadProfileAsync("ann", p => p is { Orders: 3, Spent: 3_100, Refunded: 300, Views: 2, Carts: 1 });
        await PublishAsync(Cancellation("o4", "ann", Now));
        await ReadProfileAsync("ann", p => p is { Orders: 2, Spent: 3_000, Refunded: 300, Views: 2, Carts: 1 });
    }

    [Fact]
    public async Task An_order_of_a_robot_counts_nothing()
    {
        await PublishAsync(Order("o1", "robot", Now, bot: true));
        await PublishAsync(Order("o2", "ann", Now));
        await ReadProfileAsync("ann", p => p.Orders == 1);
        await Task.Delay(500);

        Assert.Equal(1, await CountAsync("orders"));
        var answer = await Service.CreateClient("read").GetAsync("/v1/customers/robot/profile");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Recency_grows_while_a_customer_stays_away()
    {
        await PublishAsync(Order("o1", "ann", Now.AddDays(-30), backfill: true));
        await ReadProfileAsync("ann", p => p.RecencyDays == 0);
        await Task.Delay(1_500);
        await PublishAsync(Order("o2", "bob", Now, backfill: true));

        await ReadProfileAsync("ann", p => p.RecencyDays == 30);
    }

    [Fact]
    public async Task What_redis_lost_comes_back_from_the_tables()
    {
        await PublishAsync(Order("o1", "ann", Now));
        await ReadProfileAsync("ann", p => p.Orders == 1);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Redis);
        await redis.GetDatabase().KeyDeleteAsync("profiling:profile:{ann}");

        await ReadProfileAsync("ann", p => p is { Orders: 1, Spent: 1_000 });
        Assert.True(await redis.GetDatabase().KeyExistsAsync("profiling:profile:{ann}"));
    }

    [Fact]
    public async Task An_erased_customer_is_gone_and_older_messages_bring_nothing_back()
    {
        await PublishAsync(Order("o1", "ann", Now));
        await PublishAsync(Refund("r1", "o1", "ann", Now));
        await ReadProfileAsync("ann", p => p is { Orders: 1, Refunded: 300 });

        await PublishAsync(Erased("ann", Now));
        await ReadProfileAsync("ann", p => p.Orders == -1);
        await PublishAsync(Order("o2", "ann", Now));
        await PublishAsync(Visit("ann", Now));
        await PublishAsync(Identified("ann", "GB", Now));
        await PublishAsync(Order("o3", "bob", Now));
        await ReadProfileAsync("bob", p => p.Orders == 1);
        await Task.Delay(1_500);

        await ReadProfileAsync("ann", p => p.Orders == -1);
        Assert.Equal(0, await CountAsync("refunds"));
        Assert.Equal(0, await CountAsync("orders where customer_id = 'ann'"));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Redis);
        Assert.False(await redis.GetDatabase().KeyExistsAsync("profiling:profile:{ann}"));
    }

    [Fact]
    public async Task Two_replicas_count_once_and_answer_alike()
    {
        await using var second = await StartServiceAsync();
        var visit = Visit("ann", Now);
        var id = Guid.NewGuid();
        for (var order = 0; order < 30; order++)
        {
            await PublishAsync(Order($"o{order}", "ann", Now));
            await PublishAsync(Order($"o{order}", "ann", Now));
            await PublishAsync(visit, id);
        }

        var first = await ReadProfileAsync("ann", p => p is { Orders: 30, Views: 2 });
        Assert.Equal(first, await ReadProfileAsync("ann", p => p is { Orders: 30, Views: 2 }, second));
    }

    private async Task<long> CountAsync(string rows)
    {
        await using var command = Service.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand($"select count(*) from {rows}");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
