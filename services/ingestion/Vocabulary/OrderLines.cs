using System.Text.Json;
using Ecom.Contracts.Orders;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Privacy;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>
/// Lines of an order or refund: a faulty line is refused by itself, the lines of one product are merged.
/// </summary>
internal sealed class OrderLines(MoneyReader money, PersonalData personal, int mostLines)
{
    // 2,000 lines of the largest quantity and price still fit 32-bit units and 64-bit amounts.
    private const int LargestQuantity = 1_000_000;
    private const long LargestMinorPrice = 4_000_000_000;

    /// <summary>Reads <c>products</c>. Sets the event's fault if it is absent, too long, or leaves no line.</summary>
    public ReadLines Read(Fields properties, EventCurrency currency)
    {
        if (properties.Array("products") is not { } products)
        {
            properties.Fail(Reasons.ProductsMissing, "products");
            return new ReadLines([], [], 0);
        }

        var count = products.GetArrayLength();
        if (count > mostLines)
        {
            properties.Fail(Reasons.TooManyLines, "products", $"{count} lines, at most {mostLines}");
            return new ReadLines([], [], count);
        }

        var amounts = new Dictionary<string, (long Quantity, long Amount)>(count);
        var order = new List<string>(count);
        var rejected = new List<RejectedLine>();
        var index = 0;
        foreach (var product in products.EnumerateArray())
        {
            var path = $"{properties.Path}.products[{index++}]";
            var fault = new Fault();
            var line = ReadLine(product, path, currency, fault);
            if (fault.Rejection is { } rejection)
            {
                rejected.Add(new RejectedLine(rejection.Reason, rejection.Path, Redaction.Redact(product, personal)));
                continue;
            }

            if (!amounts.TryGetValue(line.ProductId, out var sum))
            {
                order.Add(line.ProductId);
            }

            amounts[line.ProductId] = (sum.Quantity + line.Quantity, sum.Amount + ((long)line.Quantity * line.Price));
        }

        if (order.Count == 0)
        {
            properties.Fail(Reasons.NoValidLine, "products", count == 0 ? "no line" : "every line was refused");
        }

        return new ReadLines(
            [.. order.Select(id => Merge(id, amounts[id].Quantity, amounts[id].Amount, currency))], rejected, count);
    }

    private OrderLine Merge(string productId, long quantity, long amount, EventCurrency currency) => new()
    {
        ProductId = productId,
        Quantity = (int)quantity,
        UnitPrice = money.OfMinor(
            (long)decimal.Round((decimal)amount / quantity, MidpointRounding.ToEven), currency),
    };

    private static (string ProductId, int Quantity, long Price) ReadLine(
        JsonElement product, string path, EventCurrency currency, Fault fault)
    {
        if (product.ValueKind != JsonValueKind.Object)
        {
            fault.Set(new Rejection(Reasons.NotAnObject, path));
            return default;
        }

        var fields = new Fields(product, path, fault);
        if (fields.Text("type") is { } type && !type.Equals("product", StringComparison.OrdinalIgnoreCase))
        {
            fields.Fail(Reasons.NotAProduct, "type");
        }

        var id = ProductIds.Read(fields);
        var quantity = fields.Whole("quantity") ?? 1;
        if (quantity <= 0)
        {
            fields.Fail(Reasons.QuantityNotPositive, "quantity");
        }
        else if (quantity > LargestQuantity)
        {
            fields.Fail(Reasons.OutOfRange, "quantity");
        }

        var price = fields.Number("price");
        var minor = MoneyConverter.ToMinor(price ?? 0, currency.Code);
        if (price is null)
        {
            fields.Fail(Reasons.PriceMissing, "price");
        }
        else if (minor is null or > LargestMinorPrice)
        {
            fields.Fail(Reasons.AmountTooLarge, "price");
        }
        else if (minor <= 0)
        {
            fields.Fail(Reasons.PriceNotPositive, "price");
        }

        return (id, quantity, minor ?? 0);
    }
}

/// <summary>Lines after reading.</summary>
/// <param name="Lines">Valid lines, a product once, in the order of their first appearance.</param>
/// <param name="Rejected">Lines that were refused.</param>
/// <param name="Count">Lines as sent.</param>
internal sealed record ReadLines(IReadOnlyList<OrderLine> Lines, IReadOnlyList<RejectedLine> Rejected, int Count);
