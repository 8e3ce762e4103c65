using Ecom.Features;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;

namespace Ecom.UnitTests.Fraud;

public sealed class RingTests
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 50, 200)]
    [InlineData(2, 3, 200)]
    [InlineData(3, 6, 12)]
    public void Rings_are_the_components_that_a_recomputation_finds(int seed, int mostPerLink, int most)
    {
        var options = new RingOptions
        {
            MostCustomersPerDevice = mostPerLink,
            MostCustomersPerCard = mostPerLink,
            MostCustomersPerAddress = mostPerLink,
            MostCustomers = most,
        };
        var random = new Random(seed);
        var (rings, naive) = (new RingMemory(options), new NaiveRings(options));
        var (customers, moved) = (100, 0);
        for (var i = 0; i < 350; i++)
        {
            var payment = new RingPayment($"p{i}", $"c{random.Next(customers)}", _noon.AddSeconds(i),
            [
                .. new[] { EntityKind.Device, EntityKind.Card, EntityKind.Ip }.Where(_ => random.Next(4) > 0)
                    .Select(kind => new EntityKey(kind, $"{kind}-{random.Next(85)}")),
            ]);
            var expected = naive.Add(payment);
            var plan = rings.Add(payment);
            moved += plan.Members.Count(member => member.RingId is { } id && id != plan.RingId);

            Assert.Equal(expected, plan.Members.Select(member => member.CustomerId).Order());
            Assert.Equal(expected.Count > 1, plan.RingId is not null);
            Assert.Equal(expected.Count, RingFeatures.Of(plan, options.Window)[0]);
        }

        Assert.Equal(naive.Sets(), rings.Sets());
        Assert.Contains(naive.Sets(), set => set.Length > Math.Min(most, mostPerLink) / 2);
        Assert.InRange(moved, 1, customers * Math.Log2(customers));
    }

    [Fact]
    public void The_larger_ring_keeps_its_id_and_of_equals_the_older()
    {
        var rings = new RingMemory(new RingOptions());
        rings.Add(Pay("a1", "a", 0, "d-old"));
        var old = rings.Add(Pay("b1", "b", 1, "d-old")).RingId;
        rings.Add(Pay("c1", "c", 2, "d-new"));
        var young = rings.Add(Pay("d1", "d", 3, "d-new")).RingId;
        Assert.Equal(PaymentIds.Ring("b1"), old);
        Assert.NotEqual(old, young);

        var equal = rings.Plan(Pay("a2", "a", 4, "d-new"));
        rings.Add(Pay("e1", "e", 5, "d-new"));
        var larger = rings.Plan(Pay("a3", "a", 6, "d-new"));

        Assert.Equal((old, young), (equal.RingId, Assert.Single(equal.Absorbed)));
        Assert.Equal((young, old), (larger.RingId, Assert.Single(larger.Absorbed)));
        Assert.Empty(larger.Joining);
        Assert.Equal(["a", "b", "c", "d", "e"], larger.Members.Select(member => member.CustomerId));
    }

    [Fact]
    public void What_many_share_ties_nobody_further_and_lets_go_of_nobody()
    {
        var rings = new RingMemory(new RingOptions { MostCustomersPerAddress = 3 });
        rings.Add(Pay("p0", "c0", 0, ip: "office"));
        rings.Add(Pay("p1", "c1", 1, ip: "office"));
        rings.Add(Pay("p2", "c2", 2, "of-c2") with
        {
            Links = [new(EntityKind.Device, "of-c2"), new(EntityKind.Ip, "office")],
        });

        var fourth = rings.Add(Pay("p3", "c3", 3, ip: "office"));
        var again = rings.Add(Pay("p4", "c1", 4, ip: "office"));
        var byDevice = rings.Add(Pay("p5", "c3", 5, ip: "office") with
        {
            Links = [new(EntityKind.Device, "of-c2"), new(EntityKind.Ip, "office")],
        });

        Assert.Equal((null, false, false), (fourth.RingId, fourth.IsTied, Assert.Single(fourth.Binds)));
        Assert.Equal((PaymentIds.Ring("p1"), 3), (again.RingId, again.Members.Count));
        Assert.Equal((PaymentIds.Ring("p1"), 4), (byDevice.RingId, byDevice.Members.Count));
        Assert.Equal([true, false], byDevice.Binds);
    }

    [Fact]
    public void A_tie_counts_for_its_window_and_one_by_address_for_less()
    {
        var options = new RingOptions();
        Assert.True(IsTied(TimeSpan.FromDays(29.9), Pay("p", "c", 0, "d")));
        Assert.False(IsTied(TimeSpan.FromDays(30), Pay("p", "c", 0, "d")));
        Assert.True(IsTied(TimeSpan.FromDays(2.9), Pay("p", "c", 0, ip: "i")));
        Assert.False(IsTied(TimeSpan.FromDays(3), Pay("p", "c", 0, ip: "i")));
        Assert.True(IsTied(TimeSpan.FromDays(-2.9), Pay("p", "c", 0, ip: "i")));
        Assert.False(IsTied(TimeSpan.FromDays(-3), Pay("p", "c", 0, ip: "i")));

        bool IsTied(TimeSpan later, RingPayment payment)
        {
            var rings = new RingMemory(options);
            rings.Add(payment with { Customer = "other", PaymentId = "first" });
            return rings.Add(payment with { At = payment.At + later }).IsTied;
        }
    }

    [Fact]
    public void Features_count_customers_that_paid_strictly_before_and_within_the_window()
    {
        var options = new RingOptions();
        var rings = new RingMemory(options);
        rings.Add(Pay("p0", "long-ago", -40 * 24 * 60, "d1"));
        rings.Add(Pay("p1", "known", -20 * 24 * 60, "d9"));
        rings.Add(Pay("p2", "known", -2 * 24 * 60, "d1"));
        rings.Add(Pay("p3", "week", -26 * 60, "d1"));
        rings.Add(Pay("p4", "today", -60, "d1"));
        rings.Add(Pay("p5", "same-instant", 0, "d1"));

        var plan = rings.Add(Pay("p6", "me", 0, "d1"));

        // Known, week, today and me; the week's customer tied known at p3.
        Assert.Equal([4, 2, 2, 3, 2, 0, 26 * 3600], RingFeatures.Of(plan, options.Window));
        Assert.Equal(5, plan.Members.Count(member => member.CustomerId != "long-ago"));
    }

    [Fact]
    public void A_payment_alone_is_a_set_of_one_and_one_that_names_nobody_has_no_features()
    {
        var options = new RingOptions();

        var alone = RingFeatures.Of(new RingMemory(options).Add(Pay("p", "c", 0, "d")), options.Window);

        Assert.Equal([1, 0, 1, 1, 1, 0], alone[..^1]);
        Assert.True(double.IsNaN(alone[^1]));
        Assert.All(RingFeatures.Of(null, options.Window), value => Assert.True(double.IsNaN(value)));
        var payment = new Ecom.Contracts.Payments.PaymentAttempted
        {
            EventId = Guid.Empty,
            PaymentId = "p",
            Amount = new() { Amount = 1, Currency = "GBP", BaseAmount = 1, BaseCurrency = "GBP" },
            Source = new() { DeviceId = "d" },
            AttemptedAt = _noon,
            ReceivedAt = _noon,
            PartitionKey = "p",
        };
        Assert.Null(RingPayment.Of(payment, options));
        Assert.NotNull(RingPayment.Of(payment with { CustomerId = "c" }, options));
        Assert.Null(RingPayment.Of(payment with { CustomerId = "c", Source = new() }, options));
        Assert.Null(RingPayment.Of(
            payment with { CustomerId = "c" }, new RingOptions { MostCustomersPerDevice = 0 }));
    }

    [Fact]
    public void What_ties_no_longer_hold_falls_apart_into_its_components()
    {
        var random = new Random(5);
        for (var run = 0; run < 50; run++)
        {
            string[] customers = [.. Enumerable.Range(0, 30).Select(i => $"c{i:00}")];
            RingTie[] ties =
            [
                .. Enumerable.Range(0, 35).Select(_ => new RingTie(
                    new EntityKey(EntityKind.Device, $"d{random.Next(25)}"),
                    customers[random.Next(30)],
                    random.Next(5) > 0)),
            ];

            var parts = RingComponents.Of(customers, ties);

            Assert.Equal(
                NaiveRings.Components(customers, ties.Where(tie => tie.Binds).Select(t => (t.Link, t.CustomerId))),
                parts.Select(part => string.Join(' ', part)).Order().Select(part => part.Split(' ')));
            Assert.Equal(parts.OrderByDescending(part => part.Count).ThenBy(part => part[0]), parts);
        }
    }

    private static RingPayment Pay(string id, string customer, double minutes, string? device = null, string? ip = null)
    {
        var link = device is not null ? new EntityKey(EntityKind.Device, device) : new EntityKey(EntityKind.Ip, ip!);
        return new RingPayment(id, customer, _noon.AddMinutes(minutes), [link]);
    }

    /// <summary>The same by walking the whole graph anew at every step.</summary>
    private sealed class NaiveRings(RingOptions options)
    {
        private readonly List<string> _customers = [];
        private readonly HashSet<(EntityKey Link, string Customer)> _seen = [];
        private readonly HashSet<(EntityKey Link, string Customer)> _binding = [];

        public IReadOnlyList<string> Add(RingPayment payment)
        {
            var customer = payment.Customer;
            if (!_customers.Contains(customer))
            {
                _customers.Add(customer);
            }

            var links = payment.Links.ToArray();
            foreach (var link in links)
            {
                var others = _seen.Count(tie => tie.Link == link && tie.Customer != customer);
                var with = SetOf(customer, _binding.Append((link, customer)));
                if (others < options.MostOf(link.Kind)
                    && (with.Count <= options.MostCustomers || with.Count == SetOf(customer, _binding).Count))
                {
                    _binding.Add((link, customer));
                }
            }

            _seen.UnionWith(links.Select(link => (link, customer)));
            return SetOf(customer, _binding);
        }

        public string[][] Sets() => Components(_customers, _binding);

        public static string[][] Components(
            IEnumerable<string> customers, IEnumerable<(EntityKey Link, string Customer)> ties)
        {
            var all = ties.ToArray();
            return
            [
                .. customers.Select(customer => string.Join(' ', SetOf(customer, all))).Distinct().Order()
                    .Select(set => set.Split(' ')),
            ];
        }

        private static List<string> SetOf(string start, IEnumerable<(EntityKey Link, string Customer)> ties)
        {
            var all = ties.ToArray();
            HashSet<string> found = [start];
            while (true)
            {
                var links = all.Where(tie => found.Contains(tie.Customer)).Select(tie => tie.Link).ToHashSet();
                var more = all.Where(tie => links.Contains(tie.Link)).Select(tie => tie.Customer).ToArray();
                if (found.IsSupersetOf(more))
                {
                    return [.. found.Order()];
                }

                found.UnionWith(more);
            }
        }
    }
}
