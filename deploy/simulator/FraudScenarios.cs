namespace Ecom.Simulator;

/// <summary>What criminals do in the shop.</summary>
internal sealed class FraudScenarios(int seed, Catalogue catalogue, EventLog log, TruthLedger truth, Checkout checkout)
{
    private static readonly string[] _abroad = ["US", "BR", "RO", "VN", "NG", "TR", "ID"];

    private int _accounts;

    /// <summary>A new account, a device from anywhere, a card of another country, a dear basket.</summary>
    public void StolenCard(int index, DateTimeOffset at)
    {
        var dice = new Dice(seed, "stolen", index);
        var device = CustomerGenerator.NewDevice(dice, dice.Pick(_abroad));
        var session = NewAccount(dice, device, at, "GB");
        var card = CustomerGenerator.NewCard(dice, dice.Pick(_abroad));
        FillCart(session, dice.Int(1, 4));
        var payer = new Payer(card, session.Customer.Email, card.Country, "GB");
        if (dice.Chance(0.4))
        {
            checkout.Steal(session, payer with { Card = CustomerGenerator.NewCard(dice, dice.Pick(_abroad)) },
                FraudKind.StolenCard, ring: null, succeeded: false);
            session.Wait(20, 90);
        }

        checkout.Steal(session, payer, FraudKind.StolenCard, ring: null, succeeded: true);
    }

    /// <summary>An old customer's account and card, from a device and a country never seen with it.</summary>
    public void AccountTakeover(int index, DateTimeOffset at, Customer victim)
    {
        var dice = new Dice(seed, "takeover", index);
        var device = CustomerGenerator.NewDevice(dice, dice.Pick(_abroad));
        var session = NewSession(dice, victim, device, at);
        session.Visit.CustomerId = victim.Id;
        FillCart(session, dice.Int(1, 4));
        var payer = new Payer(dice.Pick(victim.Cards), victim.Email, victim.Country, dice.Pick(_abroad));
        checkout.Steal(session, payer, FraudKind.AccountTakeover, ring: null, succeeded: true);
    }

    /// <summary>Twenty to fifty cards with small amounts from one device within minutes; most are declined.</summary>
    public void CardTesting(int index, DateTimeOffset at)
    {
        var dice = new Dice(seed, "testing", index);
        var ring = $"burst-{log.Tag}-{index + 1}";
        var device = CustomerGenerator.NewDevice(dice, dice.Pick(_abroad));
        var session = NewSession(dice, Stranger(dice, device), device, at);
        var from = session.Clock;
        var until = from;
        for (var cards = dice.Int(20, 51); cards > 0; cards--)
        {
            until = session.Clock;
            var country = dice.Pick(_abroad);
            var payer = new Payer(CustomerGenerator.NewCard(dice, country), session.Customer.Email, country, "GB");
            checkout.TestCard(session, payer, dice.Int(50, 300) / 100m, ring, succeeded: dice.Chance(0.15));
            session.Wait(3, 20);
        }

        AddRing(ring, FraudKind.CardTesting, device.DeviceId, device.Ip, from, until, []);
    }

    /// <summary>Six to twelve new accounts on one device within hours, some sharing a card.</summary>
    public void Ring(int index, DateTimeOffset at)
    {
        var dice = new Dice(seed, "ring", index);
        var ring = $"ring-{log.Tag}-{index + 1}";
        var device = CustomerGenerator.NewDevice(dice, dice.Pick(_abroad));
        var accounts = new List<string>();
        var (clock, until) = (at, at);
        Card? shared = null;
        for (var members = dice.Int(6, 13); members > 0; members--)
        {
            // Cookies are cleared between accounts; the device stays.
            var session = NewAccount(dice, device with { AnonymousId = $"a-{dice.Hex(12)}" }, clock, "GB");
            accounts.Add(session.Customer.Id!);
            shared = shared is null || dice.Chance(0.5) ? CustomerGenerator.NewCard(dice, "GB") : shared;
            FillCart(session, dice.Int(1, 3));
            var payer = new Payer(shared, session.Customer.Email, "GB", "GB");
            checkout.Steal(session, payer, FraudKind.Ring, ring, succeeded: dice.Chance(0.85));
            until = session.Clock;
            clock = session.Clock.AddMinutes(dice.Uniform(2, 18));
        }

        AddRing(ring, FraudKind.Ring, device.DeviceId, device.Ip, at, until, accounts);
    }

    /// <summary>Eight to fifteen new accounts, each on a device of its own, behind one address; few cards.</summary>
    public void DeviceFarm(int index, DateTimeOffset at)
    {
        var dice = new Dice(seed, "farm", index);
        var ring = $"farm-{log.Tag}-{index + 1}";
        var (country, ip) = (dice.Pick(_abroad), CustomerGenerator.NewIp(dice));
        var cards = Enumerable.Range(0, 3).Select(_ => CustomerGenerator.NewCard(dice, "GB")).ToArray();
        var accounts = new List<string>();
        var (clock, until) = (at, at);
        for (var members = dice.Int(8, 16); members > 0; members--)
        {
            var session = NewAccount(dice, CustomerGenerator.NewDevice(dice, country) with { Ip = ip }, clock, "GB");
            accounts.Add(session.Customer.Id!);
            FillCart(session, dice.Int(1, 3));
            var payer = new Payer(dice.Pick(cards), session.Customer.Email, "GB", "GB");
            checkout.Steal(session, payer, FraudKind.DeviceFarm, ring, succeeded: dice.Chance(0.85));
            until = session.Clock;
            clock = session.Clock.AddMinutes(dice.Uniform(1, 16));
        }

        AddRing(ring, FraudKind.DeviceFarm, device: null, ip, at, until, accounts);
    }

    /// <summary>A customer buys as ever and says weeks later that it was somebody else.</summary>
    public void Friendly(int index, DateTimeOffset at, Customer customer)
    {
        var dice = new Dice(seed, "friendly", index);
        var session = NewSession(dice, customer, dice.Pick(customer.Devices), at);
        session.Visit.CustomerId = customer.Id;
        FillCart(session, dice.Int(1, 3));
        var payer = new Payer(dice.Pick(customer.Cards), customer.Email, customer.Country, customer.Country);
        checkout.Steal(session, payer, FraudKind.Friendly, ring: null, succeeded: true);
    }

    private void AddRing(string ring, FraudKind kind, string? device, string ip, DateTimeOffset from,
        DateTimeOffset until, IReadOnlyList<string> accounts) =>
        truth.Ring(new FraudRing
        {
            Ring = ring,
            Kind = kind,
            DeviceId = device,
            Ip = ip,
            From = from,
            Until = until,
            Accounts = accounts,
        });

    private Session NewAccount(Dice dice, Device device, DateTimeOffset at, string country)
    {
        var id = $"x-{log.Tag}-{++_accounts}";
        var customer = Stranger(dice, device, id, country);
        var session = NewSession(dice, customer, device, at);
        session.Visit.CustomerId = id;
        log.Identify(session.Visit, session.Clock, customer.Email, session.Clock);
        session.Wait(5, 40);
        return session;
    }

    private Session NewSession(Dice dice, Customer customer, Device device, DateTimeOffset at) =>
        new()
        {
            Customer = customer,
            Dice = dice,
            Day = DateOnly.FromDateTime(at.UtcDateTime),
            Clock = at,
            Visit = new Visit(device, $"s-{log.Tag}-x{dice.Hex(8)}", customer.Country),
        };

    private static Customer Stranger(Dice dice, Device device, string? id = null, string country = "GB") =>
        new()
        {
            Id = id,
            Kind = CustomerKind.New,
            Email = $"{dice.Hex(9)}@throwaway.example",
            Country = country,
            Devices = [device],
            Cards = [],
            Favourites = [],
            FavouriteBrand = null,
            VisitsPerDay = 0,
            ActiveFrom = default,
        };

    private void FillCart(Session session, int lines)
    {
        for (var i = 0; i < lines; i++)
        {
            var product = session.Dice.Pick(catalogue.Dearest);
            if (session.Cart.Exists(line => line.Product == product))
            {
                continue;
            }

            var line = new CartLine(product, session.Dice.Int(1, 4), catalogue.Products[product].Price);
            session.Cart.Add(line);
            log.Track(session.Visit, session.Clock, "Product Viewed", json =>
                checkout.WriteProduct(json, product, line.Price));
            session.Wait(2, 12);
            log.Track(session.Visit, session.Clock, "Product Added", json =>
            {
                checkout.WriteProduct(json, product, line.Price);
                json.WriteNumber("quantity", line.Quantity);
            });
            session.Wait(2, 10);
        }
    }
}
