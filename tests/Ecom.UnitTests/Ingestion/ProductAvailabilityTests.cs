using System.Text.Json;
using Ecom.Contracts.Catalogue;
using Ecom.Ingestion.Envelopes;

namespace Ecom.UnitTests.Ingestion;

public sealed class ProductAvailabilityTests
{
    [Fact]
    public void Days_and_attributes_of_a_product_are_read_and_cleaned()
    {
        var read = ReadProduct(new
        {
            available_from = "2026-03-01T01:00:00+01:00",
            available_until = "2026-04-01",
            attributes = new { colour = " red ", size = 42, gone = (string?)null },
        });

        var product = Assert.IsType<ProductChanged>(read.Message);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), product.AvailableFrom);
        Assert.Equal(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), product.AvailableUntil);
        Assert.Equal([("colour", "red"), ("size", "42")], product.Attributes!.Select(one => (one.Key, one.Value)));
    }

    [Theory]
    [InlineData("""{"available_from":"2026-03-01","available_until":"2026-03-01"}""", "$.available_until")]
    [InlineData("""{"available_from":"soon"}""", "$.available_from")]
    [InlineData("""{"attributes":["red"]}""", "$.attributes")]
    [InlineData("""{"attributes":{"a:b":"red"}}""", "$.attributes")]
    [InlineData("""{"attributes":{"colour":{"x":1}}}""", "$.attributes.colour")]
    public void What_makes_no_sense_is_rejected(string fields, string path) => Assert.Equal(
        path, ReadProduct(JsonDocument.Parse(fields).RootElement).Rejection!.Path);

    private static ReadEvent ReadProduct(object fields)
    {
        var product = JsonSerializer.SerializeToNode(fields)!.AsObject();
        product["product_id"] = "p";
        product["name"] = "Mug";
        return Read.Product(product);
    }
}
