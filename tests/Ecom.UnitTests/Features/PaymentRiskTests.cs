using System.Runtime.InteropServices;
using System.Text;
using Ecom.Features;
using Ecom.Features.Payments;

namespace Ecom.UnitTests.Features;

/// <summary>The vector of a payment, of every kind of entity.</summary>
public sealed class PaymentRiskTests
{
    private const int Count = 600;
    private static readonly CountryTable _countries = CountryTable.Read(["GB,54,-2.5", "FR,46.5,2.5", "US,38,-97"]);
    private static readonly ShopEvent[] _history = History(seed: 1);
    private static readonly double[][] _vectors = Replay(_history);

    [Fact]
    public void Names_are_unique_and_sensibly_many()
    {
        Assert.Equal(PaymentRisk.Names.Count, PaymentRisk.Names.Distinct().Count());
        Assert.InRange(PaymentRisk.Names.Count, 100, 140);
        Assert.Equal(15, PaymentRisk.Handbook.Where(at => at >= 0).Distinct().Count());
        Assert.DoesNotContain(
            PaymentRisk.Unlabelled, at => PaymentRisk.Names[at].Contains("fraud", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_column_says_something_of_some_payment() =>
        Assert.All(Enumerable.Range(0, PaymentRisk.Names.Count), at => Assert.True(
            _vectors.Select(vector => vector[at]).Distinct().Count() > 1, $"{PaymentRisk.Names[at]} never changes."));

    [Fact]
    public void A_payment_is_held_against_the_habits_of_its_customer()
    {
        ShopEvent[] history =
        [
            .. Enumerable.Range(1, 4).Select(day => Payment(day) with { AtMs = At(45 - (10 * day)), Amount = 1_000 }),
            Payment(5) with { AtMs = At(0), Amount = 9_000, Device = "other", IpCountry = "FR", Ip = "i2" },
        ];
        var vector = Replay(history)[^1];

        Assert.Equal(4, Value("customer_payments_365d"));
        Assert.Equal(1, Value("customer_payments_7d"));
        Assert.Equal(9, Value("amount_over_customer_mean"));
        Assert.Equal(9, Value("amount_over_customer_max"));
        Assert.Equal((Math.Round(1000 * Math.Log(9_001)) - Math.Round(1000 * Math.Log(1_001))) / 100,
            Value("amount_z_score"));
        Assert.Equal(5_000, Value("customer_mean_amount_7d_with_this"));
        Assert.Equal((1, 1, 1), (Value("device_is_new_to_customer"), Value("ip_is_new_to_customer"),
            Value("country_is_new_to_customer")));
        Assert.Equal((0, 0), (Value("customer_is_new"), Value("device_payments_1d")));
        Assert.Equal(35, Value("customer_since_first_payment_365d") / 86_400, 1e-6);

        double Value(string name) => vector[PaymentRisk.Names.Index().Single(pair => pair.Item == name).Index];
    }

    [Fact]
    public void Another_country_within_hours_is_seen()
    {
        var vector = Replay(
        [
            Payment(1) with { AtMs = At(0) - (2 * 3_600_000), IpCountry = "GB" },
            Payment(2) with { AtMs = At(0), IpCountry = "BR" },
        ])[^1];

        Assert.Equal(2, vector[PaymentRisk.Names.Index().Single(pair => pair.Item == "customer_countries_6h_with_this")
            .Index]);
    }

    [Fact]
    public void What_a_payment_does_not_name_is_missing_and_not_nought()
    {
        var vector = Replay([Payment(1) with { Device = null, Terminal = null, Card = null }])[0];

        foreach (var (at, name) in PaymentRisk.Names.Index())
        {
            if (name.StartsWith("device_", StringComparison.Ordinal)
                || name.StartsWith("terminal_", StringComparison.Ordinal)
                || name.StartsWith("card_", StringComparison.Ordinal))
            {
                Assert.True(double.IsNaN(vector[at]), $"{name} is {vector[at]}.");
            }
            else if (name.StartsWith("customer_payments", StringComparison.Ordinal)
                || name.StartsWith("ip_payments", StringComparison.Ordinal))
            {
                Assert.Equal(0, vector[at]);
            }
        }
    }

    [Fact]
    public void Rewriting_the_future_changes_no_vector()
    {
        const int Kept = 400;
        var other = History(seed: 2);
        var vectors = Replay([.. _history[..Kept], .. other[Kept..]]);
        var payments = _history[..Kept].Count(e => e.Kind == ShopEventKind.PaymentAttempted);

        Assert.Equal(0, Enumerable.Range(0, payments).Count(at => !Same(_vectors[at], vectors[at])));
        Assert.Contains(
            Enumerable.Range(payments, Math.Min(vectors.Length, _vectors.Length) - payments),
            at => !Same(_vectors[at], vectors[at]));
    }

    [Fact]
    public void Served_vectors_are_the_replayed_ones_with_every_message_three_times_in_the_order_A_B_A() =>
        Assert.Equal(0, Differing((messages, at) => [messages[at], messages[Math.Max(0, at - 1)], messages[at]]));

    [Fact]
    public void One_lost_message_would_be_seen() =>
        Assert.True(Differing((messages, at) => at == 50 ? [] : [messages[at]]) > 0);

    // As the service does: events fold into deltas, states are stored as fields and read again for each payment.
    private static int Differing(Func<ShopEvent[], int, ShopEvent[]> deliver)
    {
        var states = new Dictionary<EntityKey, EntityState>();
        var (differing, payments) = (0, 0);
        for (var at = 0; at < _history.Length; at++)
        {
            if (_history[at].Kind == ShopEventKind.PaymentAttempted)
            {
                var vector = new double[PaymentRisk.Names.Count];
                PaymentRisk.Fill(_history[at], [.. EntitiesOf(_history[at]).Select(Stored)], vector, _countries);
                differing += Same(vector, _vectors[payments++]) ? 0 : 1;
            }

            foreach (var delta in deliver(_history, at).SelectMany(e => FraudFeatures.Set.Fold(e.Id, [e])))
            {
                states.TryAdd(delta.Entity, new EntityState(FraudFeatures.Set, delta.Entity.Kind));
                states[delta.Entity].Apply(delta);
            }
        }

        return differing;

        EntityState Stored(EntityKey entity)
        {
            var read = new EntityState(FraudFeatures.Set, entity.Kind);
            foreach (var (name, value) in states.GetValueOrDefault(entity)?.Fields() ?? read.Fields())
            {
                StateCodec.Decode(read, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }

            return read;
        }
    }

    private static double[][] Replay(ShopEvent[] history)
    {
        var memory = new FeatureMemory(FraudFeatures.Set);
        var vectors = new List<double[]>();
        foreach (var shopEvent in history)
        {
            if (shopEvent.Kind == ShopEventKind.PaymentAttempted)
            {
                var vector = new double[PaymentRisk.Names.Count];
                EntityState[] before = [.. EntitiesOf(shopEvent).Select(memory.Find).OfType<EntityState>()];
                PaymentRisk.Fill(shopEvent, before, vector, _countries);
                vectors.Add(vector);
            }

            memory.Add(shopEvent);
        }

        return [.. vectors];
    }

    private static IEnumerable<EntityKey> EntitiesOf(ShopEvent payment) => Enum.GetValues<EntityKind>()
        .Where(kind => payment.EntityId(kind) is not null)
        .Select(kind => new EntityKey(kind, payment.EntityId(kind)!));

    // A few of everything, so that they meet; labels and orders between the payments.
    private static ShopEvent[] History(int seed)
    {
        var random = new Random(seed);
        var history = new List<ShopEvent>();
        var at = At(60);
        while (history.Count < Count)
        {
            at += random.Next(3) == 0 ? random.Next(60_000) : random.Next(40 * 3_600_000);
            var payments = history.Where(e => e.Kind == ShopEventKind.PaymentAttempted).ToArray();
            history.Add(random.Next(6) switch
            {
                0 when payments.Length > 0 => payments[random.Next(payments.Length)] with
                {
                    Kind = random.Next(2) == 0 ? ShopEventKind.PaymentDisputed : ShopEventKind.PaymentCleared,
                    Id = Id(random),
                    AtMs = at,
                },
                1 => Random(random, at) with { Kind = ShopEventKind.OrderPlaced, Card = null, Terminal = null },
                _ => Random(random, at),
            });
        }

        return [.. history];
    }

    private static ShopEvent Random(Random random, long at) => new()
    {
        Kind = ShopEventKind.PaymentAttempted,
        Id = Id(random),
        AtMs = at,
        Customer = Pick("c", 6, random),
        Anonymous = Pick("a", 3, random),
        Card = Pick("k", 6, random),
        Device = Pick("d", 5, random),
        Ip = Pick("i", 5, random),
        IpNetwork = Pick("n", 3, random),
        IpCountry = Pick("G", 2, random) switch { null => null, "G0" => "GB", _ => "FR" },
        CardCountry = Pick("G", 2, random),
        BillingCountry = Pick("G", 2, random),
        ShippingCountry = Pick("G", 2, random),
        BillingAddress = Pick("b", 4, random),
        ShippingAddress = Pick("b", 4, random),
        EmailDomain = Pick("m", 3, random),
        Terminal = Pick("t", 4, random),
        Succeeded = random.Next(3) switch { 0 => false, 1 => true, _ => null },
        Amount = random.Next(100, 90_000),
    };

    private static string? Pick(string prefix, int count, Random random) =>
        random.Next(12) == 0 ? null : $"{prefix}{random.Next(count)}";

    private static ShopEvent Payment(int id) => new()
    {
        Kind = ShopEventKind.PaymentAttempted,
        Id = new Guid(id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        AtMs = At(0),
        Customer = "c",
        Card = "k",
        Device = "d",
        Ip = "i",
        IpCountry = "GB",
        Terminal = "t",
        Amount = 1_000,
    };

    private static long At(int daysBefore) => Given.Noon.AddDays(-daysBefore).ToUnixTimeMilliseconds();

    private static Guid Id(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static bool Same(double[] left, double[] right) => MemoryMarshal.AsBytes(left.AsSpan())
        .SequenceEqual(MemoryMarshal.AsBytes(right.AsSpan()));
}
