using System.Text;
using System.Text.Json;
using Ecom.Cli.Import;
using Ecom.Simulator;
using Read = Ecom.UnitTests.Ingestion.Read;

namespace Ecom.UnitTests.Simulator;

/// <summary>What the simulator and the importer send is what ingestion reads.</summary>
public sealed class AcceptanceTests
{
    [Fact]
    public void Ingestion_accepts_every_simulated_event_and_product_at_its_own_time()
    {
        var options = new ShopOptions { Customers = 150, Products = 60, Days = 60 };
        var history = ShopSimulator.Generate(options, Read.Now);
        var live = ShopSimulator.OnTop(history.AsImportedShop(), new OnTopOptions { VisitsPerDay = 100 }, Read.Now);

        foreach (var e in history.Events.Concat(live.Events))
        {
            var read = Read.Json(Encoding.UTF8.GetString(e.Json.Span), sentAt: Read.Now);
            Assert.Null(read.Rejection);
            Assert.Empty(read.RejectedLines);
            Assert.Equal(e.At, read.OccurredAt);
            Assert.Equal(e.CustomerId, read.CustomerId);
        }

        Assert.All(history.Catalogue.Concat(live.Catalogue), product =>
            Assert.Null(Read.Product(JsonElement.Parse(product.Span)).Rejection));
    }

    [Fact]
    public void Ingestion_refuses_the_faulty_lines_of_an_imported_invoice_with_their_reasons()
    {
        var lines = OnlineRetailFile.Read(
            new StringReader("""
                InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
                1,85123A,WHITE HOLDER,6,2010-12-01T08:26,2.55,17850,United Kingdom
                1,POST,POSTAGE,1,2010-12-01T08:26,18.00,17850,United Kingdom
                1,71053,LANTERN,1,2010-12-01T08:26,0,17850,United Kingdom
                1,71054,LANTERN,-4,2010-12-01T08:26,2.00,17850,United Kingdom
                C2,D,Discount,-1,2010-12-02T08:26,27.50,14527,United Kingdom
                C3,85123A,WHITE HOLDER,-6,2010-12-03T08:26,2.55,17850,United Kingdom

                """),
            "shop.csv");
        var events = OnlineRetailMapping.Prepare(lines, TimeSpan.Zero).Events
            .Select(e => Read.Json(Encoding.UTF8.GetString(e.Json.Span)))
            .ToArray();

        Assert.Equal(
            ["not_a_product", "price_not_positive", "quantity_not_positive"],
            events[0].RejectedLines.Select(line => line.Reason));
        Assert.Null(events[0].Rejection);
        Assert.Equal("no_valid_line", events[1].Rejection?.Reason);
        Assert.Equal("not_a_product", Assert.Single(events[1].RejectedLines).Reason);
        Assert.Null(events[2].Rejection);
    }
}
