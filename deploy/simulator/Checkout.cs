using System.Text.Json;

namespace Ecom.Simulator;

/// <summary>From the checkout to what follows an order: payment, review, refund, cancellation, dispute.</summary>
internal sealed class Checkout(
    Catalogue catalogue, ShopCalendar calendar, EventLog log, TruthLedger truth, string currency)
{
    private int _orders;
    private int _payments;

    /// <summary>A genuine order of the session's cart.</summary>
    public void Buy(Session session)
    {
        var (dice, customer) = (session.Dice, session.Customer);
        var payer = new Payer(dice.Pick(customer.Cards), customer.Email, customer.Country,
            dice.Chance(0.03) ? "GB" : customer.Country);
        var orderId = Begin(session);
        if (dice.Chance(0.04))
        {
            Pay(session, orderId, payer, Total(session), succeeded: false);
            session.Wait(15, 120);
        }

        var paymentId = Pay(session, orderId, payer, Total(session), succeeded: true);
        Complete(session, orderId);
        truth.Ordered(session.Clock);
        Follow(session, orderId, paymentId);
    }

    /// <summary>A fraudster's payment, with an order if the bank lets it pass; the dispute comes weeks later.</summary>
    public void Steal(Session session, Payer payer, FraudKind kind, string? ring, bool succeeded)
    {
        var orderId = Begin(session);
        var at = session.Clock;
        var paymentId = Pay(session, orderId, payer, Total(session), succeeded);
        truth.Fraud(at, paymentId, kind, ring);
        if (!succeeded)
        {
            return;
        }

        Complete(session, orderId);
        if (session.Dice.Chance(0.85))
        {
            Dispute(session, paymentId, session.Dice.Uniform(12, 50), "fraudulent");
        }
    }

    /// <summary>A small payment without an order, to see whether the card works.</summary>
    public void TestCard(Session session, Payer payer, decimal amount, string ring, bool succeeded)
    {
        var at = session.Clock;
        var paymentId = Pay(session, orderId: null, payer, amount, succeeded);
        truth.Fraud(at, paymentId, FraudKind.CardTesting, ring);
        if (succeeded)
        {
            Dispute(session, paymentId, session.Dice.Uniform(10, 35), "fraudulent");
        }
    }

    public void WriteProduct(Utf8JsonWriter json, int product, decimal price)
    {
        var listed = catalogue.Products[product];
        json.WriteString("product_id", listed.ProductId);
        if (listed.Category is not null)
        {
            json.WriteString("category", listed.Category);
        }

        json.WriteNumber("price", price);
        json.WriteString("currency", currency);
    }

    public void WriteLines(Utf8JsonWriter json, IEnumerable<CartLine> lines)
    {
        json.WriteStartArray("products");
        foreach (var line in lines)
        {
            var listed = catalogue.Products[line.Product];
            json.WriteStartObject();
            json.WriteString("product_id", listed.ProductId);
            if (listed.Name is not null)
            {
                json.WriteString("name", listed.Name);
            }

            json.WriteNumber("price", line.Price);
            json.WriteNumber("quantity", line.Quantity);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private string Begin(Session session)
    {
        var orderId = $"o-{log.Tag}-{++_orders}";
        log.Track(session.Visit, session.Clock, "Checkout Started", json =>
        {
            json.WriteString("order_id", orderId);
            json.WriteNumber("value", Total(session));
            json.WriteString("currency", currency);
            WriteLines(json, session.Cart);
        });
        session.Wait(20, 150);
        return orderId;
    }

    private string Pay(Session session, string? orderId, Payer payer, decimal amount, bool succeeded)
    {
        var paymentId = $"pay-{log.Tag}-{++_payments}";
        log.Track(session.Visit, session.Clock, "Payment Attempted", json =>
        {
            json.WriteString("payment_id", paymentId);
            if (orderId is not null)
            {
                json.WriteString("order_id", orderId);
            }

            json.WriteNumber("amount", amount);
            json.WriteString("currency", currency);
            json.WriteString("card_fingerprint", payer.Card.Fingerprint);
            json.WriteString("card_scheme", payer.Card.Scheme);
            json.WriteString("card_country", payer.Card.Country);
            json.WriteString("billing_country", payer.BillingCountry);
            json.WriteString("shipping_country", payer.ShippingCountry);
            json.WriteString("email", payer.Email);
            json.WriteBoolean("succeeded", succeeded);
        });
        session.Wait(1, 4);
        return paymentId;
    }

    private void Complete(Session session, string orderId)
    {
        var coupon = session.Cart
            .Select(line => calendar.On(session.Day, catalogue.Products[line.Product].Category)?.Code)
            .FirstOrDefault(code => code is not null);
        log.Track(session.Visit, session.Clock, "Order Completed", json =>
        {
            json.WriteString("order_id", orderId);
            json.WriteNumber("total", Total(session));
            json.WriteString("currency", currency);
            if (coupon is not null)
            {
                json.WriteString("coupon", coupon);
            }

            WriteLines(json, session.Cart);
        });
    }

    private void Follow(Session session, string orderId, string paymentId)
    {
        var (dice, visit, ordered) = (session.Dice, Later(session), session.Clock);
        if (dice.Chance(0.015))
        {
            log.Track(visit, ordered.AddHours(dice.Uniform(0.2, 20)), "Order Cancelled", json =>
            {
                json.WriteString("order_id", orderId);
                json.WriteString("reason", "changed_mind");
            });
            return;
        }

        foreach (var line in session.Cart)
        {
            if (dice.Chance(0.1))
            {
                Review(session, line, ordered.AddDays(dice.Uniform(4, 20)));
            }
        }

        if (dice.Chance(0.04))
        {
            Refund(session, orderId, dice.Pick(session.Cart), ordered.AddDays(dice.Uniform(3, 21)));
        }

        if (dice.Chance(0.002))
        {
            Dispute(session, paymentId, dice.Uniform(10, 40), "product_not_received");
        }
    }

    private void Review(Session session, CartLine line, DateTimeOffset at)
    {
        var listed = catalogue.Products[line.Product];
        var rating = (int)Math.Clamp(Math.Round(listed.Quality + (0.8 * session.Dice.Normal())), 1, 5);
        log.Track(Later(session), at, "Product Reviewed", json =>
        {
            json.WriteString("product_id", listed.ProductId);
            json.WriteNumber("rating", rating);
        });
    }

    private void Refund(Session session, string orderId, CartLine line, DateTimeOffset at) =>
        log.Track(Later(session), at, "Order Refunded", json =>
        {
            json.WriteString("refund_id", $"rf-{orderId}");
            json.WriteString("order_id", orderId);
            json.WriteNumber("total", line.Price * line.Quantity);
            json.WriteString("currency", currency);
            WriteLines(json, [line]);
        });

    private void Dispute(Session session, string paymentId, double daysLater, string reason) =>
        log.Track(Later(session), session.Clock.AddDays(daysLater), "Payment Disputed", json =>
        {
            json.WriteString("payment_id", paymentId);
            json.WriteString("reason", reason);
        });

    // What follows an order is not part of the visit that placed it.
    private static Visit Later(Session session) =>
        new(session.Visit.Device, session.Visit.SessionId + "-later", session.Visit.Country)
        {
            CustomerId = session.Visit.CustomerId,
        };

    private static decimal Total(Session session) => session.Cart.Sum(line => line.Price * line.Quantity);
}
