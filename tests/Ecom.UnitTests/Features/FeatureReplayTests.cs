using CsCheck;
using Ecom.Features;

namespace Ecom.UnitTests.Features;

public sealed class FeatureReplayTests
{
    private static readonly FeatureSet _set = Given.EverySort();
    private static readonly EntityKey _customer = new(EntityKind.Customer, "c1");

    private static readonly Gen<ShopEvent> _event =
        from minutes in Gen.OneOf(Gen.Int[-3, 3], Gen.Int[-100_000, 100_000])
        from amount in Gen.Long[0, 50]
        from known in Gen.Bool
        from identifies in Gen.Int[0, 9]
        from id in Gen.Int[1, int.MaxValue]
        select Given.Order(Given.Noon.AddMinutes(minutes), amount, $"d{amount % 5}", id) with
        {
            Kind = identifies == 0 ? ShopEventKind.CustomerIdentified : ShopEventKind.OrderPlaced,
            Customer = known || identifies == 0 ? "c1" : null,
            Anonymous = "a1",
        };

    [Fact]
    public void Rewriting_the_future_does_not_change_a_row() =>
        Gen.Select(_event.Array[0, 30], _event.Array[0, 30]).Sample((history, rewritten) =>
        {
            var noonMs = Given.Noon.ToUnixTimeMilliseconds();
            var past = history.Where(e => e.AtMs < noonMs);

            var before = Row(history, Given.Noon);
            var after = Row([.. past, .. rewritten.Where(e => e.AtMs >= noonMs)], Given.Noon);

            Assert.Equal(before, after);
        });

    [Fact]
    public void A_row_equals_the_online_state_that_has_seen_the_same_events() =>
        _event.Array[0, 30].Sample(history =>
        {
            var seen = history.Where(e => e.AtMs < Given.Noon.ToUnixTimeMilliseconds()).ToArray();
            var online = new EntityState(_set, EntityKind.Customer);
            var visitor = new EntityState(_set, EntityKind.Visitor);
            foreach (var (index, shopEvent) in seen.Index())
            {
                foreach (var delta in _set.Fold(new Guid(index, 0, 0, new byte[8]), [shopEvent]))
                {
                    Assert.Equal(1, (delta.Entity.Kind == EntityKind.Customer ? online : visitor).Apply(delta));
                }
            }

            if (online.AnonymousIds.Count > 0)
            {
                online.Merge(visitor);
            }

            Assert.Equal(online.Read(Given.Noon), Row(history, Given.Noon));
        });

    [Fact]
    public void An_event_at_the_instant_itself_does_not_count()
    {
        var order = Given.Order(Given.Noon, 5, "d1", 1);

        Assert.Equal(0, Row([order], Given.Noon)[0].Number);
        Assert.Equal(1, Row([order], Given.Noon.AddMilliseconds(1))[0].Number);
    }

    [Fact]
    public void What_a_browser_did_counts_for_its_customer_only_from_the_moment_it_is_known()
    {
        var browsed = Given.Order(Given.Noon, 5, "d1", 1) with { Customer = null, Anonymous = "a1" };
        var identified = Given.Order(Given.Noon.AddHours(1), 0, null, 2) with
        {
            Kind = ShopEventKind.CustomerIdentified,
            Anonymous = "a1",
        };

        Assert.Equal(0, Row([browsed, identified], Given.Noon.AddMinutes(59))[0].Number);
        Assert.Equal(1, Value(Row([browsed, identified], Given.Noon.AddMinutes(61)), "orders_1d"));
    }

    [Fact]
    public async Task Rows_come_in_the_order_of_their_instants_and_name_their_request()
    {
        var requests = new[] { 3, 1, 2 }.Select(day => new ReplayRequest(_customer, Given.Noon.AddDays(day))).ToArray();
        var events = Enumerable.Range(0, 4).Select(day => Given.Order(Given.Noon.AddDays(day), 1, null, day + 1));
        var names = new HashSet<string> { "orders_30d" };

        var rows = await new FeatureReplay(_set)
            .RunAsync(events.ToAsyncEnumerable(), requests, names, default).ToListAsync();

        Assert.Equal([1, 2, 0], rows.Select(row => row.Index));
        Assert.Equal([1.0, 2.0, 3.0], rows.Select(row => Assert.Single(row.Values).Number!.Value));
    }

    [Fact]
    public async Task History_out_of_order_is_refused()
    {
        ShopEvent[] events = [Given.Order(Given.Noon), Given.Order(Given.Noon.AddDays(-1))];
        var request = new ReplayRequest(_customer, Given.Noon.AddDays(1));

        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await new FeatureReplay(_set).RunAsync(events.ToAsyncEnumerable(), [request], null, default).ToListAsync());
    }

    private static double? Value(IEnumerable<FeatureValue> values, string name) =>
        values.Single(value => value.Name == name).Number;

    private static IReadOnlyList<FeatureValue> Row(IEnumerable<ShopEvent> history, DateTimeOffset at)
    {
        var rows = new FeatureReplay(_set)
            .RunAsync(
                history.OrderBy(e => e.AtMs).ToAsyncEnumerable(), [new ReplayRequest(_customer, at)], null, default)
            .ToBlockingEnumerable();
        return Assert.Single(rows).Values;
    }
}
