using Ecom.Client;
using Ecom.Contracts.Orders;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using Xunit;
using static Ecom.IntegrationTests.Recommendation.RecommendationHost;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>Counts of baskets become lists with the counts as reasons.</summary>
public sealed class BoughtTogetherTests(Backends backends) : IClassFixture<Backends>
{
    [Theory]
    [InlineData("also-bought", "a", "")]
    [InlineData("product", "a", "")]
    [InlineData("cart", "", "a")]
    public async Task What_is_bought_together_says_in_how_many_baskets(string placement, string shown, string carried)
    {
        await using var host = await StartAsync();
        var client = new RecommendationClient(host.Read);
        var question = new RecommendationQuestion
        {
            Placement = placement,
            ProductId = shown,
            Cart = carried.Length == 0 ? [] : [carried],
            Count = 1,
        };

        // Counts of a moment at which some of the baskets were there may be served still.
        var answer = await Eventually.ReadAsync(
            () => client.GetAsync(question),
            found => found is { Source: "bought-together", Items: [{ Reason.Of: 4 }, ..] });

        var item = Assert.Single(answer.Items);
        Assert.Equal("b", item.ProductId);
        Assert.Equal(("bought_together", "Bought together in 3 of 4 baskets with Product \"a\""),
            (item.Reason.Code, item.Reason.Text));
        Assert.Equal(("a", 3, 4), (item.Reason.ProductId, item.Reason.Together, item.Reason.Of));
        var why = await new RecommendationClient(host.Ops).ExplainAsync(question with { Cart = ["a"] }, "b");
        var list = why.Lists.Single(held => held.List == "bought-together");
        Assert.Equal(item.Reason, list.Reason);
    }

    [Fact]
    public async Task Baskets_tell_nothing_of_whose_they_were_and_a_redelivered_order_counts_once()
    {
        await using var host = await StartAsync();
        await using var connection = await host.ConnectAsync();

        await host.PublishAsync(Order("zoe", null, DateTimeOffset.UtcNow, ("d", 1)));
        await Eventually.BeTrueAsync(async () => await CountAsync(connection) == 8);
        await using var columns = new NpgsqlCommand(
            "select string_agg(column_name, ',' order by column_name) from information_schema.columns "
                + "where table_name = 'baskets'",
            connection);
        Assert.Equal("day,number,products", (string?)await columns.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Where_all_buy_by_the_hundred_nothing_goes_together_and_the_next_list_fills()
    {
        await using var host = await RecommendationHost.StartAsync(
            backends, null, ("Recommendation:TogetherInterval", "00:00:01"));
        await host.TellCatalogueAsync(Product("a"), Product("b"), Product("c"));
        await using var connection = await host.ConnectAsync();
        (string, long)[] many = [.. Enumerable.Range(0, 199).Select(number => ($"p{number}", 1L)), ("a", 1)];
        await OrderAsync(host, connection, baskets: 1, [.. many, ("b", 1)]);
        await OrderAsync(host, connection, baskets: 2, [.. many, ("b", 1)]);

        var answer = await host.AskAsync("placement=also-bought&productId=a");
        Assert.NotEmpty(answer.Items);
        Assert.DoesNotContain("bought-together", answer.Items.Select(item => item.Source));

        // A basket of 200 still counts, beside those that do not.
        await OrderAsync(host, connection, baskets: 3, many);
        await OrderAsync(host, connection, baskets: 4, ("a", 1), ("b", 1));
        await OrderAsync(host, connection, baskets: 5, ("a", 1), ("b", 1));
        await OrderAsync(host, connection, baskets: 6, ("c", 1));
        var together = await Eventually.ReadAsync(
            () => new RecommendationClient(host.Read).GetAsync(
                new RecommendationQuestion { Placement = "also-bought", ProductId = "a" }),
            found => found.Source == "bought-together");
        Assert.Equal(("b", 2, 3), (
            together.Items[0].ProductId, together.Items[0].Reason.Together!.Value, together.Items[0].Reason.Of!.Value));
    }

    private static async Task OrderAsync(
        RecommendationHost host, NpgsqlConnection connection, int baskets, params (string Product, long Pounds)[] lines)
    {
        await host.PublishAsync(Order(null, "v", DateTimeOffset.UtcNow, lines));
        await CountedAsync(connection, baskets);
    }

    // So many baskets are there, and the stored counts are those of all of them.
    private static Task CountedAsync(NpgsqlConnection connection, int baskets) => Eventually.BeTrueAsync(async () =>
    {
        await using var counted = new NpgsqlCommand(
            "select (select count(*) from baskets) = @baskets and (select max(number) from baskets) = "
                + "(select newest_basket from bought_together)",
            connection);
        counted.Parameters.AddWithValue("baskets", (long)baskets);
        return await counted.ExecuteScalarAsync() is true;
    });

    private async Task<RecommendationHost> StartAsync()
    {
        var host = await RecommendationHost.StartAsync(
            backends, null, ("Recommendation:TogetherInterval", "00:00:01"));
        await host.TellCatalogueAsync(
            Product("a") with { Name = "Product \"a\"" }, Product("b"), Product("c"), Product("d"));
        var now = DateTimeOffset.UtcNow;
        OrderPlaced[] orders =
        [
            Order("u1", null, now, ("a", 1), ("b", 1)),
            Order("u2", null, now, ("a", 1), ("b", 1)),
            Order(null, "v", now, ("a", 1), ("b", 1), ("b", 2)),
            Order("u3", null, now, ("a", 1)),
            Order("u4", null, now, ("c", 1)),
            Order("u5", null, now, ("c", 1), ("d", 1)),
            Order("u6", null, now, ("d", 1)),
        ];
        foreach (var order in orders.Append(orders[0]))
        {
            await host.PublishAsync(order);
        }

        await using var connection = await host.ConnectAsync();
        await CountedAsync(connection, orders.Length);
        return host;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection)
    {
        await using var count = new NpgsqlCommand("select count(*) from baskets", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }
}
