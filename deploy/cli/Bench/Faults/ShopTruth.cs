namespace Ecom.Cli.Bench.Faults;

/// <summary>A payment that was accepted.</summary>
internal sealed record KnownPayment(string Customer, string Card, string Device, bool Late, bool Backfill);

/// <summary>What a customer or a browser did.</summary>
internal sealed class Doings
{
    public long Views { get; set; }

    public long Carts { get; set; }

    public long Orders { get; set; }

    public long Spent { get; set; }

    public long Refunds { get; set; }

    public long Refunded { get; set; }

    public static Doings operator +(Doings one, Doings other) => new()
    {
        Views = one.Views + other.Views,
        Carts = one.Carts + other.Carts,
        Orders = one.Orders + other.Orders,
        Spent = one.Spent + other.Spent,
        Refunds = one.Refunds + other.Refunds,
        Refunded = one.Refunded + other.Refunded,
    };
}

/// <summary>What happened to a product.</summary>
internal sealed class Dealings
{
    public long Views { get; set; }

    public long Carts { get; set; }

    public long Orders { get; set; }

    public long Units { get; set; }

    public long Revenue { get; set; }
}

/// <summary>A recount of all accepted events: what every service must say in the end.</summary>
internal sealed class ShopTruth
{
    private readonly Dictionary<string, Doings> _customers = [];
    private readonly Dictionary<string, Doings> _visitors = [];
    private readonly Dictionary<string, Dealings> _products = [];
    private readonly Dictionary<string, Fact> _orders = [];
    private readonly Dictionary<string, KnownPayment> _payments = [];
    private readonly Dictionary<string, string> _links = [];
    private readonly HashSet<string> _cancelled = [];

    /// <param name="accepted">One fact for each event that is in the log.</param>
    public ShopTruth(IEnumerable<Fact> accepted)
    {
        foreach (var fact in accepted)
        {
            Add(fact);
        }

        foreach (var order in _orders.Values)
        {
            AddOrder(order);
        }
    }

    public IReadOnlyCollection<string> Customers => _customers.Keys;

    public IReadOnlyCollection<string> Visitors => _visitors.Keys;

    public IReadOnlyDictionary<string, Dealings> Products => _products;

    public IReadOnlyDictionary<string, KnownPayment> Payments => _payments;

    public long Disputes { get; private set; }

    public long CancelledOrders => _cancelled.Count;

    /// <summary>What a customer did while known.</summary>
    public Doings OfCustomer(string customer) => _customers[customer];

    /// <summary>What a browser did while its owner was not known.</summary>
    public Doings OfVisitor(string visitor) => _visitors[visitor];

    /// <summary>What a customer did, known or not.</summary>
    public Doings WithBrowsers(string customer) =>
        _links.Where(link => link.Value == customer && _visitors.ContainsKey(link.Key))
            .Aggregate(_customers[customer], (all, link) => all + _visitors[link.Key]);

    /// <summary>Orders that stand, and what they cost.</summary>
    public (long Orders, long Spent) Standing(string customer)
    {
        var standing = _orders.Values
            .Where(order => order.Customer == customer && !_cancelled.Contains(order.Reference!))
            .ToArray();
        return (standing.Length, standing.Sum(order => order.Amount));
    }

    private void Add(Fact fact)
    {
        switch (fact.Kind)
        {
            case FactKind.View when !fact.Robot:
                Of(fact).Views++;
                Product(fact.Lines[0].Product).Views++;
                break;
            case FactKind.Cart when !fact.Robot:
                Of(fact).Carts++;
                Product(fact.Lines[0].Product).Carts++;
                break;
            case FactKind.Order:
                _orders[fact.Reference!] = fact;
                break;
            case FactKind.Cancellation:
                _cancelled.Add(fact.Reference!);
                break;
            case FactKind.Refund when fact.Customer is not null:
                // The message names no browser: a stranger's refund is nobody's.
                Of(fact).Refunds++;
                Of(fact).Refunded += fact.Amount;
                break;
            case FactKind.Payment:
                _payments[fact.Reference!] = new KnownPayment(
                    fact.Customer!, fact.Card!, fact.Device!, fact.Late, fact.Backfill);
                break;
            case FactKind.Dispute:
                Disputes++;
                break;
            case FactKind.Identification:
                _ = Customer(fact.Customer!);
                _links[fact.Visitor!] = fact.Customer!;
                break;
            default:
                break;
        }
    }

    private void AddOrder(Fact order)
    {
        Of(order).Orders++;
        Of(order).Spent += order.Amount;
        foreach (var line in order.Lines)
        {
            var product = Product(line.Product);
            product.Orders++;
            product.Units += line.Quantity;
            product.Revenue += line.Quantity * line.Price;
        }
    }

    private Doings Of(Fact fact) => fact.Customer is { } customer ? Customer(customer) : Get(_visitors, fact.Visitor!);

    private Doings Customer(string id) => Get(_customers, id);

    private Dealings Product(string id) => Get(_products, id);

    private static T Get<T>(Dictionary<string, T> all, string id)
        where T : new()
    {
        if (!all.TryGetValue(id, out var one))
        {
            one = new T();
            all[id] = one;
        }

        return one;
    }
}
