using System.Text.Json;

namespace Ecom.Simulator;

/// <summary>A shop that behaves, with known truth.</summary>
/// <remarks>
/// <para>Customers of five kinds arrive as Poisson processes with weekly and yearly seasons and promotions, look
/// around by taste, popularity and season, fill carts with planted affinities, buy, review, return and churn.
/// Fraudsters steal cards and accounts, test cards and run rings. It is a model for trials and tests, not a
/// forecast of any real shop.</para>
/// <para>Pure: no clock and no I/O. Equal arguments give equal bytes. Cost: linear in customers × days.</para>
/// </remarks>
public static class ShopSimulator
{
    /// <summary>A whole history.</summary>
    /// <param name="options">Size and seed; out of range: <see cref="ArgumentOutOfRangeException"/>.</param>
    /// <param name="end">The history's last instant: no event is later.</param>
    /// <returns>About 60,000 events with the default options.</returns>
    public static ShopHistory Generate(ShopOptions options, DateTimeOffset end)
    {
        options.Check();
        var start = end.AddDays(-options.Days);
        var products = CatalogueGenerator.Products(options.Seed, options.Products);
        var pairs = CatalogueGenerator.Pairs(options.Seed, products, options.Pairs);
        var calendar = ShopCalendar.Plan(options.Seed, CatalogueGenerator.Categories, Day(start), Day(end));
        var world = new World(options.Seed, $"h{Fingerprint(options)}", new Catalogue(products, pairs), calendar,
            start, end, options.Currency, options.Backfill, recommendations: false);

        var customers = new List<Customer>();
        for (var i = 0; i < options.Customers; i++)
        {
            customers.Add(world.People.Registered(i));
        }

        // One stranger for two customers: looks, and never says who it is.
        for (var i = 0; i < options.Customers / 2; i++)
        {
            customers.Add(world.People.Anonymous(i, visitsPerDay: 0.02));
        }

        world.Live(customers);
        world.Steal(customers, new Crime
        {
            Thefts = (int)Math.Round(world.Truth.Orders * options.StolenShare),
            Friendly = (int)Math.Round(world.Truth.Orders * options.FriendlyShare),
            Rings = options.Rings,
            DeviceFarms = options.DeviceFarms,
            CardTestingBursts = options.CardTestingBursts,
        });
        return world.Close(customers, pairs, catalogueAt: start);
    }

    /// <summary>
    /// What an imported history lacks, for its last days: stock levels, visits, payments, recommendation feedback, and
    /// criminals. Also makes the recent, not backfilled part of a simulated shop.
    /// </summary>
    /// <param name="shop">Products and customers that exist; empty lists throw <see cref="ArgumentException"/>.</param>
    /// <param name="options">How much happens; a value out of range throws.</param>
    /// <param name="end">The last instant: no event is later.</param>
    public static ShopHistory OnTop(ImportedShop shop, OnTopOptions options, DateTimeOffset end)
    {
        options.Check();
        if (shop.Products.Count == 0 || shop.CustomerIds.Count == 0)
        {
            throw new ArgumentException("A shop to simulate on top of needs products and customers.", nameof(shop));
        }

        var start = end.AddDays(-options.Days);
        var catalogue = new Catalogue(shop.Products, []);
        var world = new World(options.Seed, $"t{Fingerprint(options)}", catalogue, new ShopCalendar([]),
            start, end, options.Currency, options.Backfill, recommendations: true);
        var rate = (double)options.VisitsPerDay / shop.CustomerIds.Count;
        var customers = shop.CustomerIds.Select((id, index) => world.People.Known(index, id, rate)).ToList();
        var strangers = Math.Max(1, options.VisitsPerDay / 4);
        for (var i = 0; i < strangers; i++)
        {
            customers.Add(world.People.Anonymous(i, visitsPerDay: 1));
        }

        world.Live(customers);
        world.Steal(customers, new Crime
        {
            Thefts = options.SingleFrauds,
            Friendly = options.FriendlyFrauds,
            Rings = options.Rings,
            DeviceFarms = options.DeviceFarms,
            CardTestingBursts = options.CardTestingBursts,
        });
        return world.Close(customers, pairs: [], catalogueAt: end);
    }

    // Two runs that differ in size or seed must not give two events one id.
    private static string Fingerprint<T>(T options)
        where T : notnull =>
        new Dice(0, options.ToString()!).Hex(5);

    private static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>How often criminals do what.</summary>
    private sealed record Crime
    {
        public required int Thefts { get; init; }

        public required int Friendly { get; init; }

        public required int Rings { get; init; }

        public required int DeviceFarms { get; init; }

        public required int CardTestingBursts { get; init; }
    }

    /// <summary>Everything that a run shares.</summary>
    private sealed class World
    {
        private readonly int _seed;
        private readonly Catalogue _catalogue;
        private readonly ShopCalendar _calendar;
        private readonly DateTimeOffset _start;
        private readonly EventLog _log;
        private readonly Shopping _shopping;
        private readonly FraudScenarios _fraud;
        private readonly string _currency;
        private IReadOnlyList<SharedPlace> _places = [];

        public World(int seed, string run, Catalogue catalogue, ShopCalendar calendar, DateTimeOffset start,
            DateTimeOffset end, string currency, bool backfill, bool recommendations)
        {
            (_seed, _catalogue, _calendar, _start, _currency) = (seed, catalogue, calendar, start, currency);
            _log = new EventLog($"{run}-{end.ToUnixTimeSeconds() / 60:x}", end, backfill);
            Truth = new TruthLedger(end);
            People = new CustomerGenerator(seed, catalogue, start, end);
            var checkout = new Checkout(catalogue, calendar, _log, Truth, currency);
            _shopping = new Shopping(catalogue, calendar, _log, Truth, checkout, recommendations);
            _fraud = new FraudScenarios(seed, catalogue, _log, Truth, checkout);
        }

        public TruthLedger Truth { get; }

        public CustomerGenerator People { get; }

        public void Live(IReadOnlyList<Customer> customers)
        {
            _places = Neighbourhood.Settle(_seed, customers);
            foreach (var (index, customer) in customers.Index())
            {
                var dice = new Dice(_seed, "visits", index);
                for (var day = Day(_start); day <= Day(_log.End); day = day.AddDays(1))
                {
                    var promoted = customer.Kind == CustomerKind.BargainHunter && _calendar.PromotedDays.Contains(day);
                    var rate = customer.VisitsPerDay * ShopCalendar.Arrival(day) * (promoted ? 3 : 1);
                    for (var visits = dice.Poisson(rate); visits > 0; visits--)
                    {
                        var at = ShopCalendar.At(day, dice);
                        if (at >= _start && at >= customer.ActiveFrom && at < (customer.ChurnedAt ?? _log.End))
                        {
                            _shopping.Run(customer, at, dice);
                        }
                    }
                }
            }
        }

        public void Steal(IReadOnlyList<Customer> customers, Crime crime)
        {
            var dice = new Dice(_seed, "crime");
            var victims = customers.Where(customer => customer.RegisteredAt <= _start.AddDays(30)).ToArray();
            for (var i = 0; i < crime.Thefts; i++)
            {
                if (i % 2 == 0 || victims.Length == 0)
                {
                    _fraud.StolenCard(i, Instant(dice));
                }
                else
                {
                    _fraud.AccountTakeover(i, Instant(dice), dice.Pick(victims));
                }
            }

            for (var i = 0; i < crime.Rings; i++)
            {
                _fraud.Ring(i, Instant(dice));
            }

            for (var i = 0; i < crime.CardTestingBursts; i++)
            {
                _fraud.CardTesting(i, Instant(dice));
            }

            for (var i = 0; i < crime.DeviceFarms; i++)
            {
                _fraud.DeviceFarm(i, Instant(dice));
            }

            for (var i = 0; i < crime.Friendly && victims.Length > 0; i++)
            {
                _fraud.Friendly(i, Instant(dice), dice.Pick(victims));
            }
        }

        public ShopHistory Close(IReadOnlyList<Customer> customers, IReadOnlyList<(int First, int Second)> pairs,
            DateTimeOffset catalogueAt)
        {
            var truth = Truth.Close(customers, _catalogue, _calendar, pairs, _places);
            var products = Stocked(truth);
            return new ShopHistory
            {
                Products = products,
                Catalogue = [.. products.Select(product => Describe(product, catalogueAt))],
                Events = _log.InOrder(),
                Truth = truth,
            };
        }

        // Not in the last six hours: a ring takes a while, and all of it must be before the end.
        private DateTimeOffset Instant(Dice dice) =>
            _start.AddHours(Math.Floor(60 * dice.Uniform(0.1, 1) * ((_log.End - _start).TotalHours - 6)) / 60);

        // Between nothing and two months of the mean demand: some products must be reordered.
        private ShopProduct[] Stocked(ShopTruth truth)
        {
            var dice = new Dice(_seed, "stock");
            var popularity = _catalogue.Products.Sum(product => product.Popularity);
            var dailyUnits = truth.WeeklyDemand.Values.Sum() / Math.Max(1, (_log.End - _start).TotalDays);
            return
            [
                .. _catalogue.Products.Select(product => product with
                {
                    Stock = dice.Chance(0.04)
                        ? 0
                        : (int)Math.Ceiling(dice.Uniform(2, 60) * dailyUnits * product.Popularity / popularity),
                }),
            ];
        }

        private ReadOnlyMemory<byte> Describe(ShopProduct product, DateTimeOffset changedAt) =>
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
            {
                ["product_id"] = product.ProductId,
                ["name"] = product.Name,
                ["brand"] = product.Brand,
                ["category"] = product.Category,
                ["price"] = product.Price,
                ["currency"] = _currency,
                ["stock"] = product.Stock,
                ["active"] = true,
                ["changed_at"] = changedAt.UtcDateTime,
            });
    }
}
