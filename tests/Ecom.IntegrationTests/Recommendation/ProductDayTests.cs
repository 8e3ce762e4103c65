using Dapper;
using Ecom.Recommendation;
using Ecom.Recommendation.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
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
}
