using System.Buffers;
using System.Text.Json;
using Ecom.Simulator;

namespace Ecom.Cli.Import;

/// <summary>Invoices become orders, cancellations become refunds.</summary>
/// <remarks>
/// Faulty lines are sent like the others: ingestion judges them by its own rules and states a reason, so that the
/// verdicts account for every line. Message ids come from invoice numbers: a second import is all duplicates.
/// </remarks>
internal static class OnlineRetailMapping
{
    public const string Currency = "GBP";

    /// <param name="lines">All lines of the file.</param>
    /// <param name="shift">Added to every date.</param>
    public static PreparedShop Prepare(IReadOnlyList<RetailLine> lines, TimeSpan shift)
    {
        var events = new List<PreparedEvent>();
        var sent = 0;
        var invoices = lines
            .GroupBy(line => line.InvoiceNo, StringComparer.Ordinal)
            .Select(group => (Lines: group.Distinct().ToArray(), At: group.Min(line => line.InvoiceDate)))
            .OrderBy(invoice => invoice.At)
            .ThenBy(invoice => invoice.Lines[0].InvoiceNo, StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        foreach (var invoice in invoices)
        {
            buffer.ResetWrittenCount();
            Write(buffer, invoice.Lines, invoice.At + shift);
            events.Add(new PreparedEvent(buffer.WrittenSpan.ToArray(), invoice.Lines.Length));
            sent += invoice.Lines.Length;
        }

        var products = RetailCatalogue.Products(lines);
        // Prices are those of the end: the catalogue must not be newer than what is simulated on top of it.
        var changedAt = lines.Max(line => line.InvoiceDate) + shift;
        return new PreparedShop
        {
            Products = [.. products.Select(product => RetailCatalogue.Describe(product, Currency, changedAt))],
            Events = events,
            Lines = lines.Count,
            DuplicateLines = lines.Count - sent,
            Shop = new ImportedShop
            {
                Products = products,
                CustomerIds = [.. lines.Select(line => line.CustomerId).Where(id => id.Length > 0)
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            },
        };
    }

    private static void Write(IBufferWriter<byte> buffer, RetailLine[] lines, DateTime at)
    {
        var first = lines[0];
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("type", "track");
        json.WriteString("event", first.IsCancellation ? "Order Refunded" : "Order Completed");
        json.WriteString("messageId", $"online-retail-{first.InvoiceNo}");
        if (first.CustomerId.Length > 0)
        {
            json.WriteString("userId", first.CustomerId);
        }
        else
        {
            json.WriteString("anonymousId", $"invoice-{first.InvoiceNo}");
        }

        json.WriteString("timestamp", at);
        json.WriteStartObject("context");
        json.WriteBoolean("backfill", true);
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString(first.IsCancellation ? "refund_id" : "order_id", first.InvoiceNo);
        json.WriteString("currency", Currency);
        json.WriteString("country", first.Country);
        json.WriteStartArray("products");
        foreach (var line in lines)
        {
            WriteLine(json, line);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, RetailLine line)
    {
        json.WriteStartObject();
        json.WriteString("product_id", line.StockCode);
        json.WriteNumber("price", line.UnitPrice);
        json.WriteNumber("quantity", line.IsCancellation ? -line.Quantity : line.Quantity);
        if (!line.IsProduct)
        {
            json.WriteString("type", "fee");
        }

        json.WriteEndObject();
    }
}
