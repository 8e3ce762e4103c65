using System.Text.Json;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;

namespace Ecom.UnitTests.Import;

public sealed class OnlineRetailTests
{
    private const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    private static List<RetailLine> Read(string lines) =>
        OnlineRetailFile.Read(new StringReader(Header + lines), "shop.csv");

    private static PreparedShop Prepare(string lines) => OnlineRetailMapping.Prepare(Read(lines), TimeSpan.Zero);

    private static JsonElement Single(string lines) =>
        JsonElement.Parse(Assert.Single(Prepare(lines).Events).Json.Span);

    [Fact]
    public void The_lines_of_an_invoice_become_one_order_of_its_customer()
    {
        var order = Single("""
            536365,85123A,WHITE HOLDER,6,2010-12-01T08:26,2.55,17850,United Kingdom
            536365,71053,WHITE METAL LANTERN,3,2010-12-01T08:27,3.39,17850,United Kingdom

            """);

        Assert.Equal("Order Completed", order.GetProperty("event").GetString());
        Assert.Equal("online-retail-536365", order.GetProperty("messageId").GetString());
        Assert.Equal("17850", order.GetProperty("userId").GetString());
        Assert.Equal(new DateTimeOffset(2010, 12, 1, 8, 26, 0, TimeSpan.Zero),
            order.GetProperty("timestamp").GetDateTimeOffset());
        Assert.True(order.GetProperty("context").GetProperty("backfill").GetBoolean());
        var properties = order.GetProperty("properties");
        Assert.Equal("536365", properties.GetProperty("order_id").GetString());
        Assert.Equal("GBP", properties.GetProperty("currency").GetString());
        Assert.Equal(
            """[{"product_id":"85123A","price":2.55,"quantity":6},{"product_id":"71053","price":3.39,"quantity":3}]""",
            properties.GetProperty("products").GetRawText());
    }

    [Fact]
    public void An_invoice_without_a_customer_is_an_anonymous_order()
    {
        var order = Single("536544,21773,DECORATIVE BATHROOM BOTTLE,1,2010-12-01T14:32,2.51,,United Kingdom\n");

        Assert.False(order.TryGetProperty("userId", out _));
        Assert.Equal("invoice-536544", order.GetProperty("anonymousId").GetString());
    }

    [Fact]
    public void A_cancellation_becomes_a_refund_of_positive_quantities()
    {
        var refund = Single("C536391,22556,PLASTERS IN TIN,-12,2010-12-01T10:24,1.65,17548,United Kingdom\n");

        Assert.Equal("Order Refunded", refund.GetProperty("event").GetString());
        Assert.Equal("C536391", refund.GetProperty("properties").GetProperty("refund_id").GetString());
        var line = refund.GetProperty("properties").GetProperty("products")[0];
        Assert.Equal(12, line.GetProperty("quantity").GetInt32());
    }

    [Theory]
    [InlineData("POST", true)]
    [InlineData("gift_0001_20", true)]
    [InlineData("BANK CHARGES", true)]
    [InlineData("C2", true)]
    [InlineData("DCGS0003", true)]
    [InlineData("85123A", false)]
    [InlineData("22138", false)]
    public void Codes_without_five_digits_are_sent_as_fees(string code, bool isFee)
    {
        var line = Single($"536370,{code},SOMETHING,3,2010-12-01T08:45,18,12583,France\n")
            .GetProperty("properties").GetProperty("products")[0];

        Assert.Equal(isFee, line.TryGetProperty("type", out var type) && type.GetString() == "fee");
    }

    [Fact]
    public void Faulty_lines_are_sent_so_that_the_server_refuses_them_with_a_reason()
    {
        var lines = Single("""
            536414,22139,,-56,2010-12-01T11:52,0,,United Kingdom
            536414,22140,LAMP,2,2010-12-01T11:52,0,,United Kingdom

            """).GetProperty("properties").GetProperty("products");

        Assert.Equal(2, lines.GetArrayLength());
        Assert.Equal(-56, lines[0].GetProperty("quantity").GetInt32());
    }

    [Fact]
    public void Every_line_is_part_of_an_event_or_an_exact_duplicate()
    {
        var shop = Prepare("""
            1,10001,RED LAMP,1,2010-12-01T08:00,2.00,5,France
            1,10001,RED LAMP,1,2010-12-01T08:00,2.00,5,France
            1,10001,RED LAMP,2,2010-12-01T08:00,2.00,5,France
            1,10001,RED LAMP,1,2010-12-01T08:00,2.00,5,France
            2,10001,RED LAMP,1,2010-12-01T08:00,2.00,5,France
            C3,10001,RED LAMP,-1,2010-12-02T08:00,2.00,5,France
            C3,POST,POSTAGE,-1,2010-12-02T08:00,9.00,5,France

            """);

        Assert.Equal(7, shop.Lines);
        Assert.Equal(2, shop.DuplicateLines);
        Assert.Equal([2, 1, 2], shop.Events.Select(e => e.Lines));
        Assert.Equal(shop.Lines, shop.DuplicateLines + shop.Events.Sum(e => e.Lines));
    }

    [Fact]
    public void Events_are_in_order_of_time_and_equal_in_a_second_run()
    {
        const string Lines = """
            2,10001,RED LAMP,1,2010-12-05T08:00,2.00,5,France
            1,10001,RED LAMP,1,2010-12-01T08:00,2.00,5,France

            """;

        var first = Prepare(Lines).Events.Select(e => JsonElement.Parse(e.Json.Span).GetRawText()).ToArray();
        var second = Prepare(Lines).Events.Select(e => JsonElement.Parse(e.Json.Span).GetRawText());

        Assert.Contains("online-retail-1", first[0], StringComparison.Ordinal);
        Assert.Equal(first, second);
    }

    [Fact]
    public void The_catalogue_takes_the_commonest_clean_name_and_the_last_price_of_what_was_sold()
    {
        var shop = Prepare("""
            1,10001,RED LAMP,1,2010-12-01T08:00,2.00,5,France
            2,10001,RED LAMP,1,2010-12-02T08:00,3.00,5,France
            3,10001,LAMP RED,1,2010-12-03T08:00,2.50,5,France
            4,10001,damaged?,-1,2010-12-04T08:00,0,,France
            5,10002,thrown away,-1,2010-12-04T08:00,0,,France
            6,POST,POSTAGE,1,2010-12-04T08:00,18,,France

            """);

        var product = Assert.Single(shop.Shop.Products);
        Assert.Equal(("10001", "RED LAMP", 2.50m), (product.ProductId, product.Name, product.Price));
        Assert.Equal(["5"], shop.Shop.CustomerIds);
    }

    [Fact]
    public void A_noun_that_heads_many_names_becomes_a_category()
    {
        var shop = Prepare(string.Concat(Enumerable.Range(0, 12).Select(i =>
            $"{i},{10001 + i},LUNCH BAG {(i % 2 == 0 ? "RED RETROSPOT" : "PINK")},1,2010-12-01T08:00,2.00,5,France\n"))
            + "99,20000,CUCKOO CLOCK,1,2010-12-01T08:00,2.00,5,France\n");

        Assert.Equal(12, shop.Shop.Products.Count(product => product.Category == "Bag"));
        Assert.Null(shop.Shop.Products.Single(product => product.ProductId == "20000").Category);
    }

    [Theory]
    [InlineData("1,10001,LAMP,x,2010-12-01T08:00,2.00,5,France", "shop.csv line 2: Quantity 'x'")]
    [InlineData("1,10001,LAMP,1,yesterday,2.00,5,France", "shop.csv line 2: InvoiceDate 'yesterday'")]
    [InlineData("1,10001,LAMP,1,2010-12-01T08:00,dear,5,France", "shop.csv line 2: UnitPrice 'dear'")]
    [InlineData(",10001,LAMP,1,2010-12-01T08:00,2.00,5,France", "shop.csv line 2: InvoiceNo is empty")]
    [InlineData("1,10001,LAMP", "shop.csv line 2: 3 fields")]
    public void An_unreadable_line_is_named_by_file_and_line(string line, string message)
    {
        var failure = Assert.Throws<SetupException>(() => Read(line + "\n"));

        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_format_is_refused_by_its_header()
    {
        var failure = Assert.Throws<SetupException>(() =>
            OnlineRetailFile.Read(new StringReader("user_id,event\n1,view\n"), "other.csv"));

        Assert.StartsWith("other.csv line 1: column InvoiceNo is missing", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2011-12-09T12:50", "2026-11-24T09:00")]
    [InlineData("2026-11-24T08:59", "2026-11-24T09:00")]
    [InlineData("2026-11-10T09:00", "2026-11-24T09:00")]
    [InlineData("2027-01-01T00:00", "2026-11-24T09:00")]
    public void Dates_are_shifted_by_whole_weeks_into_the_last_seven_days(string last, string now)
    {
        var from = DateTimeOffset.Parse(last + "Z", System.Globalization.CultureInfo.InvariantCulture);
        var present = DateTimeOffset.Parse(now + "Z", System.Globalization.CultureInfo.InvariantCulture);

        var shift = WeekShift.ToPresent(from, present);

        Assert.Equal(0, shift.Ticks % TimeSpan.FromDays(7).Ticks);
        Assert.True(from + shift <= present);
        Assert.True(from + shift > present.AddDays(-7));
    }
}
