using Ecom.Client;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

public sealed class ClientTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    [Fact]
    public async Task A_storefront_gets_typed_verdicts()
    {
        using var http = ingestion.Service.CreateClient("ingest");
        var client = new IngestionClient(http);
        var order = ShopEvent.OrderCompleted("client-1", [new OrderedProduct("p", 2.5m), new OrderedProduct("q", 0)]);

        var verdicts = await client.SendBatchAsync(
        [
            order with { UserId = "u" },
            order with { UserId = "u", MessageId = "another" },
            ShopEvent.ProductViewed("p"),
            ShopEvent.Identify("u", "a", ("email", "jo@example.org")),
        ]);
        var products = await client.PutProductsAsync(
            [new CatalogueProduct { ProductId = "p", Name = "Mug", Stock = 3 }]);

        Assert.Equal(
            [EventStatus.Accepted, EventStatus.Duplicate, EventStatus.Rejected, EventStatus.Accepted],
            verdicts.Select(verdict => verdict.Status));
        Assert.Equal("price_not_positive", Assert.Single(verdicts[0].RejectedLines).Reason);
        Assert.Equal(verdicts[0].EventId, verdicts[1].EventId);
        Assert.Equal(("missing_user", "$"), (verdicts[2].Reason, verdicts[2].Path));
        Assert.Equal(EventStatus.Accepted, Assert.Single(products).Status);
    }

    [Fact]
    public async Task A_wrong_key_is_told()
    {
        using var http = ingestion.Service.CreateClient("none-such");

        var error = await Assert.ThrowsAsync<EcomRequestException>(
            () => new IngestionClient(http).SendAsync(ShopEvent.ProductViewed("p") with { UserId = "u" }));

        Assert.Equal(401, error.Status);
    }
}
