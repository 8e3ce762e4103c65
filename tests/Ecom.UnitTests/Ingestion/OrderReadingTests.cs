using Ecom.Contracts.Orders;

namespace Ecom.UnitTests.Ingestion;

public sealed class OrderReadingTests
{
    [Fact]
    public void An_order_sums_its_lines_when_no_total_is_stated()
    {
        var read = Read.Track("Order Completed", new
        {
            order_id = "536365",
            coupon = "SPRING, VIP",
            country = "United Kingdom",
            products = new object[]
            {
                new { product_id = "85123A", price = 2.55, quantity = 6 },
                new { product_id = "71053", price = 3.39 },
            },
        });

        var order = Read.Message<OrderPlaced>(read);
        Assert.Equal("536365", read.OrderId);
        Assert.Equal((255 * 6) + 339, order.Total.Amount);
        Assert.Equal(["SPRING", "VIP"], order.Coupons);
        Assert.Equal("GB", order.Country);
        Assert.Equal(1, order.Lines[1].Quantity);
        Assert.Equal(2, read.LineCount);
    }

    [Theory]
    [InlineData("""{"product_id":"POST","price":18,"type":"shipping"}""", "not_a_product", "type")]
    [InlineData("""{"product_id":"p","price":0}""", "price_not_positive", "price")]
    [InlineData("""{"product_id":"p","price":0.004}""", "price_not_positive", "price")]
    [InlineData("""{"product_id":"p","price":-1}""", "price_not_positive", "price")]
    [InlineData("""{"product_id":"p"}""", "price_missing", "price")]
    [InlineData("""{"product_id":"p","price":"cheap"}""", "not_a_number", "price")]
    [InlineData("""{"product_id":"p","price":1e12}""", "amount_too_large", "price")]
    [InlineData("""{"product_id":"p","price":1,"quantity":0}""", "quantity_not_positive", "quantity")]
    [InlineData("""{"product_id":"p","price":1,"quantity":-3}""", "quantity_not_positive", "quantity")]
    [InlineData("""{"product_id":"p","price":1,"quantity":1.5}""", "not_a_whole_number", "quantity")]
    [InlineData("""{"price":1}""", "product_id_missing", "product_id")]
    [InlineData("""{"product_id":"  ","price":1}""", "product_id_missing", "product_id")]
    public void A_faulty_line_is_refused_by_itself(string line, string reason, string field)
    {
        var read = Order($$"""[{"product_id":"good","price":1.00},{{line}}]""");

        Assert.Equal("good", Assert.Single(Read.Message<OrderPlaced>(read).Lines).ProductId);
        var rejected = Assert.Single(read.RejectedLines);
        Assert.Equal(reason, rejected.Reason);
        Assert.Equal($"$.properties.products[1].{field}", rejected.Path);
        Assert.Equal(2, read.LineCount);
    }

    [Fact]
    public void An_order_without_a_valid_line_is_refused_and_its_lines_keep_their_reasons()
    {
        var read = Order("""[{"product_id":"a","price":0},{"product_id":"b","price":1,"type":"fee"}, 7]""");

        Read.Rejected(read, "no_valid_line", "$.properties.products");
        Assert.Equal(
            ["price_not_positive", "not_a_product", "not_an_object"], read.RejectedLines.Select(line => line.Reason));
        Assert.Equal(3, read.LineCount);
    }

    [Fact]
    public void Lines_of_one_product_are_merged_at_their_mean_price_rounded_half_to_even()
    {
        var order = Read.Message<OrderPlaced>(Order("""
            [{"product_id":"p","price":1.00,"quantity":1},{"product_id":"q","price":5},
             {"product_id":"p","price":1.01,"quantity":1},
             {"product_id":"r","price":1.01},{"product_id":"r","price":1.02}]
            """));

        Assert.Equal(["p", "q", "r"], order.Lines.Select(line => line.ProductId));
        Assert.Equal((2, 100), (order.Lines[0].Quantity, order.Lines[0].UnitPrice.Amount)); // 100.5 → 100
        Assert.Equal((2, 102), (order.Lines[2].Quantity, order.Lines[2].UnitPrice.Amount)); // 101.5 → 102
    }

    [Fact]
    public void More_lines_than_allowed_refuse_the_order_and_all_lines_are_counted()
    {
        var lines = string.Join(',', Enumerable.Range(0, 2_001).Select(i => $$"""{"product_id":"p{{i}}","price":1}"""));

        var read = Order($"[{lines}]");

        Read.Rejected(read, "too_many_lines", "$.properties.products");
        Assert.Equal(2_001, read.LineCount);
    }

    [Fact]
    public void The_largest_order_that_the_limits_allow_is_refused_and_does_not_overflow()
    {
        var lines = string.Join(
            ',', Enumerable.Repeat("""{"product_id":"p","price":39999999,"quantity":1000000}""", 2_000));

        Read.Rejected(Order($"[{lines}]"), "amount_too_large", "$.properties.products");
    }

    [Fact]
    public void Lines_are_counted_when_another_fault_refuses_the_order()
    {
        var read = Read.Track("Order Completed", new { products = new[] { new { product_id = "p", price = 1 } } });

        Read.Rejected(read, "order_id_missing", "$.properties.order_id");
        Assert.Equal(1, read.LineCount);
    }

    [Theory]
    [InlineData("2026-02-01T00:00:00Z", "EUR", 1000, 800)]
    [InlineData("2015-02-01T00:00:00Z", "EUR", 1000, 900)]
    [InlineData("2015-02-01T00:00:00Z", "JPY", 10, 5)]
    public void Base_amounts_use_the_rate_of_the_event_day(string at, string currency, long minor, long baseMinor)
    {
        var read = Read.Json($$"""
            {"type":"track","event":"Order Completed","userId":"u","timestamp":"{{at}}","properties":{"order_id":"o",
             "currency":"{{currency}}","products":[{"product_id":"p","price":10}]} }
            """);

        var total = Read.Message<OrderPlaced>(read).Total;
        Assert.Equal((minor, baseMinor, "GBP"), (total.Amount, total.BaseAmount, total.BaseCurrency));
    }

    [Theory]
    [InlineData("USD", "no_rate")]
    [InlineData("EURO", "currency_unknown")]
    public void A_currency_without_rate_refuses_the_order_and_counts_its_lines(string currency, string reason)
    {
        var read = Read.Track("Order Completed", new
        {
            order_id = "o", currency, products = new[] { new { product_id = "p", price = 1 } },
        });

        Read.Rejected(read, reason, "$.properties.currency");
        Assert.Equal(1, read.LineCount);
    }

    [Fact]
    public void A_refund_of_money_alone_states_its_total()
    {
        var refund = Read.Message<OrderRefunded>(Read.Track("Order Refunded", new { order_id = "o1", total = 5 }));

        Assert.Equal((500, "m1"), (refund.Total.Amount, refund.RefundId));
        Assert.Empty(refund.Lines);
        Read.Rejected(Read.Track("Order Refunded", new { order_id = "o1" }), "amount_missing", "$.properties.total");
        Read.Rejected(
            Read.Track("Order Refunded", new { order_id = "o1", total = 0 }),
            "amount_not_positive",
            "$.properties.total");
    }

    private static Ecom.Ingestion.Envelopes.ReadEvent Order(string products) => Read.Json($$"""
        {"type":"track","event":"Order Completed","userId":"u","properties":{"order_id":"o","products":{{products}} } }
        """);
}
