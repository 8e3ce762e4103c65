using Ecom.Contracts;
using Ecom.Contracts.Orders;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>Orders placed, cancelled and refunded.</summary>
internal sealed class OrderMapping(MoneyReader money, OrderLines orderLines)
{
    private const long LargestTotal = 10_000_000_000_000;

    public Mapped Placed(Envelope envelope)
    {
        var properties = envelope.Properties;
        var orderId = properties.RequiredId("order_id", Reasons.OrderIdMissing);
        if (money.Currency(properties, envelope.OccurredAt) is not { } currency)
        {
            return new Mapped(nameof(OrderPlaced), null);
        }

        var lines = orderLines.Read(properties, currency);
        var placed = new OrderPlaced
        {
            EventId = envelope.EventId,
            OrderId = orderId,
            CustomerId = envelope.CustomerId,
            AnonymousId = envelope.AnonymousId,
            Lines = lines.Lines,
            Total = Total(properties, lines, currency),
            Country = Countries.Code(properties.Text("country")),
            Coupons = Coupons(properties),
            Source = envelope.Source,
            PlacedAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = envelope.PartitionKey(orderId),
            TraceParent = envelope.Receipt.TraceParent,
        };
        return new Mapped(nameof(OrderPlaced), placed)
        {
            OrderId = orderId,
            LineCount = lines.Count,
            RejectedLines = lines.Rejected,
        };
    }

    /// <summary>Goods that came back, or money alone: then <c>total</c> must be stated.</summary>
    public Mapped Refunded(Envelope envelope)
    {
        var properties = envelope.Properties;
        var refundId = properties.Id("refund_id") ?? envelope.MessageId;
        if (money.Currency(properties, envelope.OccurredAt) is not { } currency)
        {
            return new Mapped(nameof(OrderRefunded), null);
        }

        var lines = properties.Lacks("products")
            ? new ReadLines([], [], 0)
            : orderLines.Read(properties, currency);
        var orderId = properties.Id("order_id");
        var refunded = new OrderRefunded
        {
            EventId = envelope.EventId,
            RefundId = refundId,
            OrderId = orderId,
            CustomerId = envelope.CustomerId,
            Lines = lines.Lines,
            Total = Total(properties, lines, currency, mustBePositive: true),
            RefundedAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = envelope.CustomerId ?? orderId ?? refundId,
            TraceParent = envelope.Receipt.TraceParent,
        };
        return new Mapped(nameof(OrderRefunded), refunded)
        {
            LineCount = lines.Count,
            RejectedLines = lines.Rejected,
        };
    }

    public static Mapped Cancelled(Envelope envelope)
    {
        var orderId = envelope.Properties.RequiredId("order_id", Reasons.OrderIdMissing);
        return new Mapped(nameof(OrderCancelled), new OrderCancelled
        {
            EventId = envelope.EventId,
            OrderId = orderId,
            CustomerId = envelope.CustomerId,
            Reason = envelope.Properties.Description("reason"),
            CancelledAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = envelope.CustomerId ?? orderId,
            TraceParent = envelope.Receipt.TraceParent,
        });
    }

    private Money Total(Fields properties, ReadLines lines, EventCurrency currency, bool mustBePositive = false)
    {
        if (!properties.Lacks("total") || lines.Lines.Count == 0)
        {
            return money.Required(properties, "total", currency, mustBePositive) ?? money.OfMinor(0, currency);
        }

        var sum = lines.Lines.Sum(line => line.UnitPrice.Amount * line.Quantity);
        if (sum > LargestTotal)
        {
            properties.Fail(Reasons.AmountTooLarge, "products");
            return money.OfMinor(0, currency);
        }

        return money.OfMinor(sum, currency);
    }

    // Segment knows one coupon; shops that grant several send "A,B".
    private static string[] Coupons(Fields properties) =>
        properties.Description("coupon")
            ?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
