using Ecom.Client;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Profiles;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using Xunit;
using static Ecom.IntegrationTests.Recommendation.RecommendationHost;

namespace Ecom.IntegrationTests.Recommendation;

/// <summary>New customers see first what others of their segment want.</summary>
public sealed class SegmentTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task New_customers_see_what_is_popular_in_their_segment_and_why()
    {
        await using var shop = await StartAsync();
        var client = new RecommendationClient(shop.Read);
        await shop.PublishAsync(InSegment("new-1", "Bargain hunters"));
        await shop.PublishAsync(new SegmentsAssigned
        {
            Customers = [new AssignedSegment { CustomerId = "new-2", Segment = "Big spenders" }],
            ModelVersion = 1,
            AssignedAt = DateTimeOffset.UtcNow,
        });

        // Lists of a moment at which some of the orders were counted may be served still.
        await AskAsync(client, "new-1", found => Told(found) is ["sock:segment", "cap:segment", ..]);
        var dear = await AskAsync(client, "new-2", found => Told(found) is ["watch:segment", ..]);

        // Of the other products only two customers of the segment bought one.
        Assert.DoesNotContain("segment", string.Join(' ', Told(dear)[1..]), StringComparison.Ordinal);
        Assert.Equal(
            ("popular_in_segment", "Popular in your segment Big spenders", "Big spenders"),
            (dear.Items[0].Reason.Code, dear.Items[0].Reason.Text, dear.Items[0].Reason.Segment));
        Assert.False(dear.Personalised);

        var stranger = await client.GetAsync(new RecommendationQuestion { Placement = "email", CustomerId = "new-3" });
        Assert.Equal("popular", stranger.Source);
        Assert.All(stranger.Items, item => Assert.Null(item.Reason.Segment));
        var why = await new RecommendationClient(shop.Ops).ExplainAsync(
            new RecommendationQuestion { Placement = "email", CustomerId = "new-2" }, "watch");
        Assert.Equal(("Big spenders", 1), (why.Segment, why.Position));
        Assert.Equal(dear.Items[0].Reason, why.Lists.Single(list => list.List == "segment").Reason);
    }

    [Fact]
    public async Task The_newest_segment_counts_and_what_was_bought_is_left_out()
    {
        await using var shop = await StartAsync();
        var client = new RecommendationClient(shop.Read);
        var now = DateTimeOffset.UtcNow;
        await shop.PublishAsync(InSegment("ann", "Big spenders") with { ChangedAt = now });
        await AskAsync(client, "ann", found => Told(found)[0] == "watch:segment");

        // It was overtaken.
        await shop.PublishAsync(InSegment("ann", "Bargain hunters") with { ChangedAt = now.AddSeconds(-1) });
        await ReceiveAsync(shop, 10);
        Assert.Equal("watch:segment", Told(await AskAsync(client, "ann", _ => true))[0]);
        await shop.PublishAsync(Order("ann", null, now, ("watch", 900)));
        await AskAsync(client, "ann", found => !found.Items.Any(item => item.ProductId == "watch"));
        await shop.PublishAsync(InSegment("ann", "Bargain hunters") with { ChangedAt = now.AddSeconds(1) });
        await AskAsync(client, "ann", found => Told(found)[0] == "sock:segment");
        await shop.PublishAsync(InSegment("ann", null) with { ChangedAt = now.AddSeconds(2) });
        await AskAsync(client, "ann", found => found.Source == "popular");
    }

    [Fact]
    public async Task An_erased_customer_is_in_no_segment_even_if_an_old_message_says_so()
    {
        await using var shop = await StartAsync();
        await using var connection = await shop.ConnectAsync();
        Assert.Equal(8, await CountAsync(connection));
        await shop.PublishAsync(new CustomerErased
        {
            EventId = Guid.NewGuid(),
            CustomerId = "cheap-1",
            AnonymousIds = [],
            RequestedAt = DateTimeOffset.UtcNow,
            PartitionKey = "cheap-1",
        });
        await Eventually.BeTrueAsync(async () => await CountAsync(connection) == 7);

        await shop.PublishAsync(InSegment("cheap-1", "Bargain hunters"));
        await ReceiveAsync(shop, 9);
        Assert.Equal(7, await CountAsync(connection));
    }

    // Three of each segment bought its products, two the one of the other; what everybody buys is bread.
    private async Task<RecommendationHost> StartAsync()
    {
        var shop = await RecommendationHost.StartAsync(backends);
        await shop.TellCatalogueAsync(
            Product("bread"), Product("cap"), Product("sock"), Product("watch"), Product("yacht"), Product("zip"));
        var now = DateTimeOffset.UtcNow;
        for (var customer = 1; customer <= 4; customer++)
        {
            await shop.PublishAsync(InSegment($"cheap-{customer}", "Bargain hunters"));
            await shop.PublishAsync(InSegment($"dear-{customer}", "Big spenders"));
        }

        foreach (var (customer, products) in new (string, string[])[]
        {
            ("cheap-1", ["sock", "cap", "zip"]), ("cheap-2", ["sock", "cap"]), ("cheap-3", ["sock", "cap", "watch"]),
            ("cheap-4", ["sock", "watch"]),
            ("dear-1", ["watch", "yacht"]), ("dear-2", ["watch", "yacht"]), ("dear-3", ["watch", "sock"]),
            ("x-1", ["bread"]), ("x-2", ["bread"]), ("x-3", ["bread"]), ("x-4", ["bread"]), ("x-5", ["bread"]),
        })
        {
            await shop.PublishAsync(Order(customer, null, now, [.. products.Select(product => (product, 1L))]));
        }

        await using var connection = await shop.ConnectAsync();
        await Eventually.BeTrueAsync(async () => await CountAsync(connection) == 8);
        await ReceiveAsync(shop, 12, "order-placed");
        return shop;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection)
    {
        await using var count = new NpgsqlCommand(
            "select count(*) from visitor_segments where segment is not null", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static async Task ReceiveAsync(
        RecommendationHost shop, long messages, string kind = "customer-profile-changed")
    {
        await using var connection = await shop.ConnectAsync();
        await Eventually.BeTrueAsync(async () =>
        {
            await using var count = new NpgsqlCommand(
                "select count(*) from inbox where endpoint = 'recommendation-' || @kind", connection);
            count.Parameters.AddWithValue("kind", kind);
            return (long)(await count.ExecuteScalarAsync())! == messages;
        });
    }

    private static Task<Recommendations> AskAsync(
        RecommendationClient client, string customer, Func<Recommendations, bool> fits) => Eventually.ReadAsync(
            () => client.GetAsync(new RecommendationQuestion { Placement = "email", CustomerId = customer }), fits);

    private static string[] Told(Recommendations answer) =>
        [.. answer.Items.Select(item => $"{item.ProductId}:{item.Source}")];

    private static CustomerProfileChanged InSegment(string customer, string? segment) => new()
    {
        CustomerId = customer,
        Segment = segment,
        Orders = 0,
        Spent = 0,
        ChangedAt = DateTimeOffset.UtcNow,
    };
}
