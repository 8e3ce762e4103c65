namespace Ecom.Simulator;

/// <summary>Collects what is really so while the events are made.</summary>
internal sealed class TruthLedger(DateTimeOffset end)
{
    private readonly Dictionary<string, FraudPayment> _frauds = [];
    private readonly List<FraudRing> _rings = [];
    private readonly Dictionary<(string, DateOnly), int> _demand = [];

    public int Orders { get; private set; }

    public void Sold(DateTimeOffset at, string productId, int units)
    {
        if (at > end)
        {
            return;
        }

        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var week = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
        _demand[(productId, week)] = _demand.GetValueOrDefault((productId, week)) + units;
    }

    public void Ordered(DateTimeOffset at) => Orders += at > end ? 0 : 1;

    public void Fraud(DateTimeOffset at, string paymentId, FraudKind kind, string? ring)
    {
        if (at <= end)
        {
            _frauds.Add(paymentId, new FraudPayment(paymentId, kind, ring));
        }
    }

    public void Ring(FraudRing ring) => _rings.Add(ring);

    public ShopTruth Close(IEnumerable<Customer> customers, Catalogue catalogue, ShopCalendar calendar,
        IEnumerable<(int First, int Second)> pairs, IReadOnlyList<SharedPlace> places)
    {
        var registered = customers.Where(customer => customer.Id is not null && customer.RegisteredAt <= end).ToArray();
        var products = catalogue.Products;
        return new ShopTruth
        {
            CustomerKinds = registered.ToDictionary(c => c.Id!, c => c.Kind),
            ChurnedAt = registered.Where(c => c.ChurnedAt is not null)
                .ToDictionary(c => c.Id!, c => c.ChurnedAt!.Value),
            Pairs = [.. pairs.Select(p => new PlantedPair(products[p.First].ProductId, products[p.Second].ProductId))],
            FraudPayments = _frauds,
            Rings = [.. _rings.OrderBy(ring => ring.From)],
            SharedPlaces = places,
            Promotions = calendar.Promotions,
            WeeklyDemand = _demand,
        };
    }
}
