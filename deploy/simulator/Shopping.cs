using System.Text.Json;

namespace Ecom.Simulator;

/// <summary>One visit: looks around, fills a cart, perhaps buys; what follows an order comes days later.</summary>
internal sealed class Shopping(
    Catalogue catalogue, ShopCalendar calendar, EventLog log, TruthLedger truth, Checkout checkout,
    bool recommendations)
{
    private int _sessions;

    public void Run(Customer customer, DateTimeOffset start, Dice dice)
    {
        var session = new Session
        {
            Customer = customer,
            Dice = dice,
            Day = DateOnly.FromDateTime(start.UtcDateTime),
            Clock = start,
            Visit = new Visit(dice.Pick(customer.Devices), $"s-{log.Tag}-{++_sessions}", customer.Country),
        };
        if (customer.RegisteredAt <= start && dice.Chance(customer.Kind == CustomerKind.Loyal ? 0.8 : 0.4))
        {
            LogIn(session);
        }

        Arrive(session);
        var views = dice.Geometric(2.6);
        for (var i = 0; i < views; i++)
        {
            Look(session, Choose(session), recommendation: null);
        }

        if (recommendations)
        {
            SeeRecommendations(session);
        }

        if (session.Cart.Count > 0)
        {
            Decide(session);
        }
    }

    private void Arrive(Session session)
    {
        var (dice, visit) = (session.Dice, session.Visit);
        if (dice.Chance(0.5))
        {
            log.Page(visit, session.Clock, "Home", "/");
            session.Wait(3, 30);
        }

        var category = catalogue.CategoryName(ChooseCategory(session));
        if (category is null || !dice.Chance(0.35))
        {
            return;
        }

        if (dice.Chance(0.4))
        {
            log.Track(visit, session.Clock, "Products Searched", json =>
                json.WriteString("query", category.ToLowerInvariant()));
        }
        else
        {
            log.Track(visit, session.Clock, "Product List Viewed", json => json.WriteString("category", category));
        }

        session.Wait(3, 40);
    }

    private int ChooseCategory(Session session)
    {
        var (dice, customer) = (session.Dice, session.Customer);
        if (customer.Kind == CustomerKind.BargainHunter && dice.Chance(0.7))
        {
            // Walks through the shop until something is reduced.
            for (var category = 0; category < catalogue.Categories; category++)
            {
                if (calendar.On(session.Day, catalogue.CategoryName(category)) is not null)
                {
                    return category;
                }
            }
        }

        return dice.Chance(0.75) ? dice.Pick(customer.Favourites) : catalogue.AnyCategory(dice);
    }

    private int Choose(Session session)
    {
        var (dice, bought) = (session.Dice, session.Customer.Bought);
        return bought.Count > 0 && dice.Chance(0.12)
            ? dice.Pick(bought)
            : catalogue.Draw(ChooseCategory(session), session.Day, session.Customer.FavouriteBrand, dice);
    }

    private void Look(Session session, int product, string? recommendation)
    {
        var (dice, visit) = (session.Dice, session.Visit);
        if (recommendation is null && dice.Chance(0.4))
        {
            log.Track(visit, session.Clock, "Product Clicked", json => WriteProduct(json, session, product));
            session.Wait(1, 4);
        }

        log.Track(visit, session.Clock, "Product Viewed", json =>
        {
            WriteProduct(json, session, product);
            if (recommendation is not null)
            {
                json.WriteString("recommendation_id", recommendation);
            }
        });
        session.Wait(10, 90);
        if (dice.Chance(0.03))
        {
            log.Track(visit, session.Clock, "Product Added to Wishlist", json => WriteProduct(json, session, product));
            session.Wait(2, 10);
        }

        if (dice.Chance(AddChance(session, product)))
        {
            PutIntoCart(session, product);
            if (catalogue.Partner(product) is { } partner && dice.Chance(0.5))
            {
                log.Track(visit, session.Clock, "Product Viewed", json => WriteProduct(json, session, partner));
                session.Wait(5, 40);
                PutIntoCart(session, partner);
            }
        }
    }

    private double AddChance(Session session, int product)
    {
        var chance = session.Customer.Kind switch
        {
            CustomerKind.Loyal => 0.42,
            CustomerKind.BargainHunter => 0.2,
            _ => 0.3,
        };
        var promotion = calendar.On(session.Day, catalogue.Products[product].Category);
        return promotion is null ? chance : Math.Min(0.85, chance * (1 + (3 * promotion.Discount)));
    }

    private void PutIntoCart(Session session, int product)
    {
        if (session.Cart.Exists(line => line.Product == product))
        {
            return;
        }

        var quantity = session.Dice.Chance(0.2) ? session.Dice.Int(2, 5) : 1;
        var line = new CartLine(product, quantity, Price(session, product));
        session.Cart.Add(line);
        log.Track(session.Visit, session.Clock, "Product Added", json =>
        {
            WriteProduct(json, session, product);
            json.WriteNumber("quantity", line.Quantity);
        });
        session.Wait(3, 30);
    }

    private void SeeRecommendations(Session session)
    {
        var (dice, visit) = (session.Dice, session.Visit);
        if (!dice.Chance(0.4))
        {
            return;
        }

        var answer = $"r-{log.Tag}-{_sessions}";
        var shown = Enumerable.Range(1, 4).Select(position => (Position: position, Product: Choose(session))).ToArray();
        foreach (var (position, product) in shown)
        {
            log.Track(visit, session.Clock, "Recommendation Shown", json => WriteFeedback(json, product, position));
        }

        session.Wait(5, 25);
        foreach (var (position, product) in shown)
        {
            if (dice.Chance(0.16 / position))
            {
                log.Track(visit, session.Clock, "Recommendation Clicked", j => WriteFeedback(j, product, position));
                session.Wait(1, 4);
                Look(session, product, answer);
            }
        }

        void WriteFeedback(Utf8JsonWriter json, int product, int position)
        {
            json.WriteString("product_id", catalogue.Products[product].ProductId);
            json.WriteString("recommendation_id", answer);
            json.WriteNumber("position", position);
        }
    }

    private void Decide(Session session)
    {
        var (dice, visit, customer) = (session.Dice, session.Visit, session.Customer);
        if (dice.Chance(0.3))
        {
            log.Track(visit, session.Clock, "Cart Viewed", json => checkout.WriteLines(json, session.Cart));
            session.Wait(5, 60);
        }

        if (session.Cart.Count > 1 && dice.Chance(0.06))
        {
            var removed = session.Cart[^1];
            session.Cart.RemoveAt(session.Cart.Count - 1);
            log.Track(visit, session.Clock, "Product Removed", json => WriteProduct(json, session, removed.Product));
            session.Wait(3, 20);
        }

        var buys = customer.Kind switch
        {
            CustomerKind.Loyal => 0.85,
            CustomerKind.BargainHunter => calendar.PromotedDays.Contains(session.Day) ? 0.8 : 0.3,
            _ => 0.65,
        };
        if (customer.Id is null || !dice.Chance(buys))
        {
            return;
        }

        LogIn(session);
        customer.Bought.AddRange(session.Cart.Select(line => line.Product));
        foreach (var line in session.Cart)
        {
            truth.Sold(session.Clock, catalogue.Products[line.Product].ProductId, line.Quantity);
        }

        checkout.Buy(session);
    }

    private void LogIn(Session session)
    {
        if (session.Visit.CustomerId is not null)
        {
            return;
        }

        session.Visit.CustomerId = session.Customer.Id;
        session.Customer.RegisteredAt ??= session.Clock;
        log.Identify(session.Visit, session.Clock, session.Customer.Email, session.Customer.RegisteredAt.Value);
        session.Wait(2, 15);
    }

    private decimal Price(Session session, int product)
    {
        var listed = catalogue.Products[product];
        var promotion = calendar.On(session.Day, listed.Category);
        return promotion is null ? listed.Price : Math.Round(listed.Price * (decimal)(1 - promotion.Discount), 2);
    }

    private void WriteProduct(Utf8JsonWriter json, Session session, int product) =>
        checkout.WriteProduct(json, product, Price(session, product));
}
