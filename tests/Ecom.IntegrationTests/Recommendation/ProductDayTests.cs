using Dapper;
using Ecom.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>Counts of days that no ranking reaches go; the others stay, however old the newest is.</summary>
public sealed class ProductDayTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task Days_go_a_year_before_the_newest()
    {
        var database = await backends.CreateDatabaseAsync("recommendation");
        await using var service = await ServiceHost.StartAsync(
            app => app.AddRecommendation(),
            app => app.MapRecommendation(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = database.ConnectionString,
                ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
                ["Services:Training"] = "http://127.0.0.1:1",
                ["Storage:Path"] = Path.GetTempPath(),
                ["Recommendation:PopularInterval"] = "01:00:00",
            });
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await FirstCountIsOverAsync(service, connection);
        await connection.ExecuteAsync("""
            insert into product_days (product_id, day, views)
            select 'p' || number, date '2011-12-09' - age, 1
            from generate_series(1, 6000) number, unnest(array[0, 366, 367]) age
            """);

        var popularity = service.Services.GetRequiredService<PopularityStore>();
        var pruned = await popularity.PruneAsync(default);
        pruned += await popularity.PruneAsync(default);

        Assert.Equal(6_000, pruned);
        Assert.Equal(0, await popularity.PruneAsync(default));
        Assert.Equal(
            "0,366",
            await connection.ExecuteScalarAsync<string>("""
                select string_agg(distinct (date '2011-12-09' - day)::text, ',') from product_days
                """));
    }

    // The first count, the only one within an hour, takes days out as well: nothing is left for the test to do if it
    // comes late. It holds the lease from before it writes lists until it has ended.
    private static Task FirstCountIsOverAsync(ServiceHost service, NpgsqlConnection connection) =>
        Eventually.BeTrueAsync(async () =>
            await service.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase()
                .KeyExistsAsync("recommendation:popular")
            && await connection.ExecuteScalarAsync<long>("select count(*) from leases where name = 'popular'") == 0);
}
