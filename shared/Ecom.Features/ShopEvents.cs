using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;

namespace Ecom.Features;

/// <summary>Makes engine events of contract messages: the one place that maps fields.</summary>
/// <remarks>Robots' events give nothing: they train and count nothing.</remarks>
public static class ShopEvents
{
    private static readonly Source _noSource = new();

    /// <summary>The events of one message, robots' left out, in the message's order.</summary>
    public static IReadOnlyList<ShopEvent> From(InteractionsRecorded message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return [.. message.Interactions.SelectMany(From)];
    }

    /// <summary>One event, or none for a robot.</summary>
    public static IReadOnlyList<ShopEvent> From(Interaction interaction)
    {
        ArgumentNullException.ThrowIfNull(interaction);
        var source = interaction.Source;
        return source.IsBot
            ? []
            : [
                At(KindOf(interaction.Kind), interaction.EventId, interaction.OccurredAt, source) with
                {
                    Customer = interaction.CustomerId,
                    Anonymous = interaction.AnonymousId,
                    Product = interaction.ProductId,
                    Category = interaction.Category,
                    Quantity = interaction.ProductId is null ? null : interaction.Quantity,
                    Amount = interaction.Price?.BaseAmount,
                    Rating = interaction.Rating is { } rating ? (long)Math.Round(rating * 100) : null,
                    Backfill = interaction.Backfill,
                },
            ];
    }

    /// <summary>The order, then its lines.</summary>
    public static IReadOnlyList<ShopEvent> From(OrderPlaced message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Source.IsBot)
        {
            return [];
        }

        var whole = At(ShopEventKind.OrderPlaced, message.EventId, message.PlacedAt, message.Source) with
        {
            Customer = message.CustomerId,
            Anonymous = message.AnonymousId,
            Reference = message.OrderId,
            ShippingCountry = message.Country,
            Amount = message.Total.BaseAmount,
            Quantity = message.Lines.Sum(line => (long)line.Quantity),
            Backfill = message.Backfill,
        };
        return [whole, .. Lines(whole, ShopEventKind.ProductBought, message.Lines)];
    }

    /// <summary>The cancellation.</summary>
    public static IReadOnlyList<ShopEvent> From(OrderCancelled message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return
        [
            At(ShopEventKind.OrderCancelled, message.EventId, message.CancelledAt, _noSource) with
            {
                Customer = message.CustomerId,
                Reference = message.OrderId,
                Backfill = message.Backfill,
            },
        ];
    }

    /// <summary>The refund, then its lines. Amounts and units are positive.</summary>
    public static IReadOnlyList<ShopEvent> From(OrderRefunded message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var whole = At(ShopEventKind.OrderRefunded, message.EventId, message.RefundedAt, _noSource) with
        {
            Customer = message.CustomerId,
            Reference = message.RefundId,
            Amount = message.Total.BaseAmount,
            Quantity = message.Lines.Sum(line => (long)line.Quantity),
            Backfill = message.Backfill,
        };
        return [whole, .. Lines(whole, ShopEventKind.ProductReturned, message.Lines)];
    }

    /// <summary>The attempt, or nothing for a robot.</summary>
    public static IReadOnlyList<ShopEvent> From(PaymentAttempted message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Source.IsBot ? [] : [Payment(message)];
    }

    /// <summary>The dispute, with the entities of the payment it is about.</summary>
    /// <param name="dispute">The dispute; its time is when the label counts from.</param>
    /// <param name="payment">The engine event of the disputed payment.</param>
    public static IReadOnlyList<ShopEvent> From(PaymentDisputed dispute, ShopEvent payment)
    {
        ArgumentNullException.ThrowIfNull(dispute);
        ArgumentNullException.ThrowIfNull(payment);
        return
        [
            payment with
            {
                Kind = ShopEventKind.PaymentDisputed,
                Id = dispute.EventId,
                AtMs = dispute.DisputedAt.ToUnixTimeMilliseconds(),
                Reference = dispute.PaymentId,
                Backfill = dispute.Backfill,
            },
        ];
    }

    /// <summary>
    /// The identification; links the anonymous id to the customer. Robots' too: it is a fact about ids.
    /// </summary>
    public static IReadOnlyList<ShopEvent> From(CustomerIdentified message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return
        [
            At(ShopEventKind.CustomerIdentified, message.EventId, message.IdentifiedAt, message.Source) with
            {
                Customer = message.CustomerId,
                Anonymous = message.AnonymousId,
                Email = message.EmailHash,
                EmailDomain = message.EmailDomain,
                BillingCountry = message.Country,
                Backfill = message.Backfill,
            },
        ];
    }

    /// <summary>The change, with list price as amount and stock as quantity.</summary>
    public static IReadOnlyList<ShopEvent> From(ProductChanged message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return
        [
            At(ShopEventKind.ProductChanged, message.EventId, message.ChangedAt, _noSource) with
            {
                Product = message.ProductId,
                Category = message.Category,
                Amount = message.Price?.BaseAmount,
                Quantity = message.Stock,
                Backfill = message.Backfill,
            },
        ];
    }

    private static ShopEvent Payment(PaymentAttempted message) =>
        At(ShopEventKind.PaymentAttempted, message.EventId, message.AttemptedAt, message.Source) with
        {
            Customer = message.CustomerId,
            Anonymous = message.AnonymousId,
            Reference = message.PaymentId,
            Amount = message.Amount.BaseAmount,
            Card = message.CardHash,
            CardCountry = message.CardCountry,
            BillingCountry = message.BillingCountry,
            ShippingCountry = message.ShippingCountry,
            Email = message.EmailHash,
            EmailDomain = message.EmailDomain,
            BillingAddress = message.BillingAddressHash,
            ShippingAddress = message.ShippingAddressHash,
            Terminal = message.TerminalId,
            Succeeded = message.Succeeded,
            Backfill = message.Backfill,
        };

    private static IEnumerable<ShopEvent> Lines(
        ShopEvent whole, ShopEventKind kind, IReadOnlyList<OrderLine> lines) =>
        lines.Select((line, index) => whole with
        {
            Kind = kind,
            Line = index + 1,
            Product = line.ProductId,
            Amount = line.UnitPrice.BaseAmount * line.Quantity,
            Quantity = line.Quantity,
        });

    private static ShopEvent At(ShopEventKind kind, Guid id, DateTimeOffset at, Source source) => new()
    {
        Kind = kind,
        Id = id,
        AtMs = at.ToUnixTimeMilliseconds(),
        Session = source.SessionId,
        Device = source.DeviceId,
        Ip = source.IpHash,
        IpNetwork = source.IpNetworkHash,
        IpCountry = source.IpCountry,
    };

    private static ShopEventKind KindOf(InteractionKind kind) => kind switch
    {
        InteractionKind.ProductViewed => ShopEventKind.ProductViewed,
        InteractionKind.ProductClicked => ShopEventKind.ProductClicked,
        InteractionKind.ProductAdded => ShopEventKind.ProductAdded,
        InteractionKind.ProductRemoved => ShopEventKind.ProductRemoved,
        InteractionKind.ProductWished => ShopEventKind.ProductWished,
        InteractionKind.ProductReviewed => ShopEventKind.ProductReviewed,
        InteractionKind.PageViewed => ShopEventKind.PageViewed,
        InteractionKind.Searched => ShopEventKind.Searched,
        InteractionKind.ListViewed => ShopEventKind.ListViewed,
        InteractionKind.CartViewed => ShopEventKind.CartViewed,
        InteractionKind.CheckoutStarted => ShopEventKind.CheckoutStarted,
        InteractionKind.RecommendationShown => ShopEventKind.RecommendationShown,
        InteractionKind.RecommendationClicked => ShopEventKind.RecommendationClicked,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
