using System.Text;
using CsCheck;
using Ecom.Features;

namespace Ecom.UnitTests.Features;

public sealed class EntityStateTests
{
    private static readonly FeatureSet _set = Given.EverySort();

    private static readonly Gen<ShopEvent> _event =
        from minutes in Gen.Int[0, 60 * 24 * 420]
        from amount in Gen.Long[-50, 50]
        from device in Gen.Int[0, 4]
        from id in Gen.Int[1, int.MaxValue]
        from shared in Gen.Bool
        select Given.Order(
            Given.Noon.AddMinutes(shared ? minutes % 3 : minutes), amount, device == 0 ? null : $"d{device}", id);

    [Fact]
    public void Every_aggregation_gives_the_value_worked_out_by_hand()
    {
        var state = Given.StateOf(
            _set,
            Given.Order(Given.Noon.AddDays(-10), 1_000, "d1", 1),
            Given.Order(Given.Noon.AddHours(-2), 250, "d2", 2),
            Given.Order(Given.Noon.AddMinutes(-5), 400, "d1", 3),
            Given.Order(Given.Noon.AddMinutes(-5), 100, "d3", 4));

        double?[] ten = [2, 5, 250, 100, 400, 2, null, 100, 300, 300];
        double?[] day = [3, 7.5, 250, 100, 400, 3, null, 100, 300, 7200];
        double?[] month = [4, 17.5, 437.5, 100, 1000, 3, null, 100, 300, 864000];

        var expected = ten.Zip(day, month).SelectMany(triple => new[] { triple.First, triple.Second, triple.Third });
        Assert.Equal(expected, state.Read(Given.Noon).Select(value => value.Number));
        Assert.Equal("d3", Given.Read(state, "last_device_10m", Given.Noon).Text);
        Assert.All(state.Read(Given.Noon), value => Assert.False(value.IsDefault));
        Assert.Equal(Given.Noon.AddMinutes(-5), Given.Read(state, "since_last_1d", Given.Noon).EventAt);
    }

    [Fact]
    public void An_empty_state_gives_the_defaults_and_says_so()
    {
        var values = new EntityState(_set, EntityKind.Customer).Read(Given.Noon);

        Assert.Equal(30, values.Count);
        Assert.All(values, value => Assert.True(value.IsDefault && value.EventAt is null && value.Text is null));
        Assert.All(values, value => Assert.Equal(
            value.Name.Split('_')[0] is "orders" or "spend" or "devices" ? 0 : null, value.Number));
    }

    [Theory]
    [InlineData("orders_10m", 11 * 60 - 1, 60, 11 * 60 + 1)]
    [InlineData("orders_1d", 24 * 3600, 3600, 26 * 3600)]
    [InlineData("orders_30d", 30 * 86400, 86400, 32 * 86400)]
    public void A_window_covers_its_length_and_at_most_one_tile_more(
        string name, int mostInside, int tile, int leastOutside)
    {
        var window = mostInside / tile * tile;
        Assert.Equal(1, Number(name, TimeSpan.Zero));
        Assert.Equal(1, Number(name, TimeSpan.FromSeconds(Math.Min(window, mostInside))));
        Assert.Equal(0, Number(name, TimeSpan.FromSeconds(leastOutside)));

        static double? Number(string name, TimeSpan age)
        {
            var at = Given.Noon.AddSeconds(30);
            return Given.Read(Given.StateOf(_set, Given.Order(at - age)), name, at).Number;
        }
    }

    [Fact]
    public void A_window_begins_with_the_tile_that_holds_its_begin()
    {
        var at = Given.Noon.AddSeconds(30);

        Assert.Equal(1, OrdersOf(Given.Noon.AddMinutes(-10)));
        Assert.Equal(0, OrdersOf(Given.Noon.AddMinutes(-10).AddMilliseconds(-1)));
        Assert.Equal(0, OrdersOf(Given.Noon.AddMinutes(1)));

        double? OrdersOf(DateTimeOffset placedAt) =>
            Given.Read(Given.StateOf(_set, Given.Order(placedAt)), "orders_10m", at).Number;
    }

    [Fact]
    public void Distinct_counts_and_last_values_begin_exactly_at_the_window()
    {
        var at = Given.Noon.AddSeconds(30);
        var edge = Given.StateOf(_set, Given.Order(at.AddMinutes(-10), 5, "d1"));
        var older = Given.StateOf(_set, Given.Order(at.AddMinutes(-10).AddMilliseconds(-1), 5, "d1"));

        Assert.Equal(1, Given.Read(edge, "devices_10m", at).Number);
        Assert.Equal("d1", Given.Read(edge, "last_device_10m", at).Text);
        Assert.Equal(0, Given.Read(older, "devices_10m", at).Number);
        Assert.True(Given.Read(older, "last_device_10m", at).IsDefault);
    }

    [Fact]
    public void A_member_seen_again_counts_once_and_stays_as_long_as_its_newest_event()
    {
        var state = Given.StateOf(
            _set,
            Given.Order(Given.Noon, 1, "d1", 1),
            Given.Order(Given.Noon.AddMinutes(8), 1, "d1", 2),
            Given.Order(Given.Noon.AddMinutes(1), 1, "d2", 3));

        Assert.Equal(2, Given.Read(state, "devices_10m", Given.Noon.AddMinutes(9)).Number);
        Assert.Equal(1, Given.Read(state, "devices_10m", Given.Noon.AddMinutes(12)).Number);
    }

    [Fact]
    public void Equal_times_are_ordered_by_event_id_whatever_came_first()
    {
        var first = Given.Order(Given.Noon, 1, "d1", 1);
        var second = Given.Order(Given.Noon, 2, "d2", 2);

        Assert.Equal("d2", Given.Read(Given.StateOf(_set, first, second), "last_device_1d", Given.Noon).Text);
        Assert.Equal("d2", Given.Read(Given.StateOf(_set, second, first), "last_device_1d", Given.Noon).Text);
    }

    [Fact]
    public void Sums_are_exact_beyond_what_a_double_holds()
    {
        const long Huge = (1L << 53) + 1;
        var state = Given.StateOf(_set, Given.Order(Given.Noon, Huge, null, 1), Given.Order(Given.Noon, Huge, null, 2));

        Assert.Equal("18014398509481986", state.Fields()["spend:s:d20157"]);
    }

    [Fact]
    public void Any_order_and_any_repetition_of_deltas_gives_the_same_state() =>
        _event.Array[0, 12].Array[1, 8].SelectMany(messages =>
            Gen.Shuffle(Enumerable.Range(0, messages.Length).SelectMany(i => new[] { i, i, i }).ToArray())
                .Select(order => (messages, order)))
            .Sample(given =>
            {
                var deltas = given.messages
                    .Select((events, i) => new EntityDelta(
                        new EntityKey(EntityKind.Customer, "c1"), [new Guid(i, 0, 0, new byte[8])],
                        Given.StateOf(_set, events)))
                    .ToArray();
                var shuffled = new EntityState(_set, EntityKind.Customer);
                var applied = given.order.Sum(i => shuffled.Apply(deltas[i]));
                var straight = Given.StateOf(_set, [.. given.messages.SelectMany(events => events)]);

                Assert.Equal(deltas.Length, applied);
                Assert.Equal(straight.Fields(), shuffled.Fields());
            });

    [Fact]
    public void A_state_survives_its_encoding() =>
        _event.Array[0, 40].Sample(events =>
        {
            var state = Given.StateOf(_set, events);
            var back = new EntityState(_set, EntityKind.Customer);
            foreach (var (name, value) in state.Fields())
            {
                StateCodec.Decode(back, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }

            back.Prune();

            Assert.Equal(state.Fields(), back.Fields());
            Assert.Equal(state.Read(Given.Noon.AddDays(420)), back.Read(Given.Noon.AddDays(420)));
        });

    [Fact]
    public void A_tile_sum_equals_a_naive_count_over_the_events() =>
        _event.Array[0, 60].Sample(events =>
        {
            var at = events.Select(e => DateTimeOffset.FromUnixTimeMilliseconds(e.AtMs))
                .DefaultIfEmpty(Given.Noon).Max();
            var from = new DateTimeOffset((at - TimeSpan.FromDays(30)).Date, TimeSpan.Zero).ToUnixTimeMilliseconds();
            var state = Given.StateOf(_set, events);

            Assert.Equal(events.Count(e => e.AtMs >= from), Given.Read(state, "orders_30d", at).Number);
            Assert.Equal(
                events.Where(e => e.AtMs >= at.AddDays(-30).ToUnixTimeMilliseconds() && e.Device is not null)
                    .Select(e => e.Device).Distinct().Count(),
                Given.Read(state, "devices_30d", at).Number);
        });

    [Fact]
    public void Members_beyond_the_cap_leave_the_newest()
    {
        var events = Enumerable.Range(0, FeatureSet.MemberCap + 10)
            .Select(i => Given.Order(Given.Noon.AddSeconds(i), 1, $"d{i}", i + 1)).ToArray();
        var state = Given.StateOf(_set, events);
        var fields = state.Fields();

        Assert.Equal(
            FeatureSet.MemberCap,
            fields.Keys.Count(name => name.StartsWith("devices:m:", StringComparison.Ordinal)));
        Assert.DoesNotContain("devices:m:d9", fields.Keys);
        Assert.Contains("devices:m:d10", fields.Keys);
        Assert.Equal(FeatureSet.MemberCap, Given.Read(state, "devices_1d", Given.Noon.AddHours(1)).Number);
    }
}
