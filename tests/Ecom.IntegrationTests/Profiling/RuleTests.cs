using System.Net;
using System.Net.Http.Json;
using Dapper;
using Ecom.Contracts.Catalogue;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using Xunit;
using static Ecom.IntegrationTests.Profiling.ShopMessages;

namespace Ecom.IntegrationTests.Profiling;

public sealed class RuleTests(Backends backends) : ProfilingFixture(backends)
{
    [Fact]
    public async Task A_planted_pair_is_found_exactly_and_served_for_a_basket_by_both_replicas()
    {
        await using var second = await StartServiceAsync();
        await NameAsync("tea", "Green tea");

        // tea in 4 of 10 baskets, cup in 5, both in 3; the cancelled and the one out of the window do not count.
        string[][] baskets =
        [
            ["tea", "cup"], ["tea", "cup"], ["tea", "cup"], ["tea", "jam"], ["cup"], ["cup"], ["rum"], ["oil"],
            ["pen"], ["ink"],
        ];
        foreach (var (number, products) in baskets.Index())
        {
            await PublishAsync(Order($"o{number}", null, Now, products: products));
        }

        await PublishAsync(Order("void", null, Now, products: ["tea", "jam"]));
        await PublishAsync(Cancellation("void", null, Now));
        await PublishAsync(Order("old", null, Now.AddDays(-366), products: ["tea", "jam"]));
        await Eventually.ReadAsync(ReadOrdersAsync, orders => orders == (12, 1));
        await Service.CreateClient("ops").PostAsync("/v1/rule-runs", null);

        var rules = await ReadRulesAsync("/v1/rules?product=tea&minLift=1.1", rules => rules.Count == 2);
        var rule = rules.Single(one => one.To == "cup");
        Assert.Equal(["Green tea"], rule.FromNames);
        Assert.Equal("cup", rule.ToName);
        Assert.Equal((0.3, 0.75, 1.5, 3), (rule.Support, rule.Confidence, rule.Lift, rule.Baskets));

        foreach (var replica in new[] { Service, second })
        {
            var added = Assert.Single(await ReadRulesAsync(
                "/v1/baskets/complete?products=tea,rum&count=5", found => found.Count > 0, replica));
            Assert.Equal(("tea", "cup", 0.75), (Assert.Single(added.From), added.To, added.Confidence));
        }

        Assert.Empty(await ReadRulesAsync("/v1/baskets/complete?products=tea,cup", _ => true));
    }

    [Theory]
    [InlineData("/v1/rules?sort=colour")]
    [InlineData("/v1/rules?limit=0")]
    [InlineData("/v1/rules?skip=-1")]
    [InlineData("/v1/baskets/complete")]
    [InlineData("/v1/baskets/complete?products=a&count=0")]
    [InlineData("/v1/segments/Loyal/customers?limit=0")]
    public async Task A_wrong_question_is_explained(string path)
    {
        var answer = await Service.CreateClient("read").GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused()
    {
        var withoutKey = await Service.CreateClient().GetAsync("/v1/customers/ann/profile");
        Assert.Equal(HttpStatusCode.Unauthorized, withoutKey.StatusCode);
        var wrongScope = await Service.CreateClient("read").PostAsync("/v1/rule-runs", null);
        Assert.Equal(HttpStatusCode.Forbidden, wrongScope.StatusCode);
    }

    private Task NameAsync(string product, string name) => PublishAsync(new ProductChanged
    {
        EventId = Guid.NewGuid(),
        ProductId = product,
        Version = 1,
        Name = name,
        ChangedAt = Now,
        ReceivedAt = Now,
        PartitionKey = product,
    });

    private async Task<(long Placed, long Cancelled)> ReadOrdersAsync()
    {
        await using var connection = new NpgsqlConnection(Database);
        return await connection.QuerySingleAsync<(long, long)>(
            "select (select count(*) from orders), (select count(*) from cancelled_orders)");
    }

    private Task<List<Rule>> ReadRulesAsync(
        string path, Func<List<Rule>, bool> fits, ServiceHost? replica = null) => Eventually.ReadAsync(
        async () => (await (replica ?? Service).CreateClient("read").GetFromJsonAsync<List<Rule>>(path))!, fits);

    private sealed record Rule(
        List<string> From,
        List<string> FromNames,
        string To,
        string ToName,
        double Support,
        double Confidence,
        double Lift,
        int Baskets);
}
