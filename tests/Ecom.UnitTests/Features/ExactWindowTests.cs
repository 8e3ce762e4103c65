using System.Text;
using CsCheck;
using Ecom.Features;

namespace Ecom.UnitTests.Features;

public sealed class ExactWindowTests
{
    private static readonly TimeSpan[] _windows = [TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30)];

    private static readonly FeatureSet _set = new(
    [
        Exact("orders", Aggregation.Count, null) with { Default = 0 },
        Exact("spend", Aggregation.Sum, EventField.Amount) with { Default = 0 },
        Exact("basket", Aggregation.Mean, EventField.Amount),
        Exact("least", Aggregation.Min, EventField.Amount),
        Exact("most", Aggregation.Max, EventField.Amount),
        Exact("since_first", Aggregation.TimeSinceFirst, null),
    ]);

    private static readonly Gen<ShopEvent> _event =
        from minutes in Gen.Int[0, 40 * 24 * 60]
        from amount in Gen.Long[1, 50]
        from id in Gen.Int[1, int.MaxValue]
        select Given.Order(Given.Noon.AddMinutes(-minutes), amount, null, id);

    [Theory]
    [InlineData("orders_1d", 1)]
    [InlineData("orders_7d", 7)]
    [InlineData("orders_30d", 30)]
    public void An_exact_window_ends_at_its_millisecond(string name, int days)
    {
        var window = TimeSpan.FromDays(days);
        Assert.Equal(1, Number(name, window));
        Assert.Equal(0, Number(name, window + TimeSpan.FromMilliseconds(1)));

        static double? Number(string name, TimeSpan age) =>
            Given.Read(Given.StateOf(_set, Given.Order(Given.Noon - age)), name, Given.Noon).Number;
    }

    [Fact]
    public void Exact_values_are_those_of_the_events_of_the_window() =>
        _event.Array[0, 40].Sample(events =>
        {
            var state = Given.StateOf(_set, events);
            foreach (var window in _windows)
            {
                var inside = events.Where(e => e.AtMs >= (Given.Noon - window).ToUnixTimeMilliseconds()).ToArray();
                var amounts = inside.Select(e => (double)e.Amount!.Value).ToArray();
                double? first = inside.Length == 0 ? null
                    : (Given.Noon.ToUnixTimeMilliseconds() - inside.Min(e => e.AtMs)) / 1000.0;
                double? mean = None(amounts.Average);
                Assert.Equal(
                    [amounts.Length, amounts.Sum(), mean, None(amounts.Min), None(amounts.Max), first],
                    _set.FeaturesOf(EntityKind.Customer).Where(feature => feature.Window == window)
                        .Select(feature => state.Number(feature, Given.Noon.ToUnixTimeMilliseconds())));

                double? None(Func<double> of) => amounts.Length == 0 ? null : of();
            }
        });

    [Fact]
    public void Stored_and_read_again_in_any_order_a_state_is_the_same() =>
        _event.Array[1, 40].Sample(events =>
        {
            var state = Given.StateOf(_set, events);
            var stored = state.Fields();
            var read = new EntityState(_set, EntityKind.Customer);
            foreach (var (name, value) in Given.StateOf(_set, [.. events.Reverse()]).Fields().Reverse())
            {
                StateCodec.Decode(read, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }

            Assert.Equal(state.Read(Given.Noon), read.Read(Given.Noon));
            Assert.Equal(stored.ToHashSet(), read.Fields().ToHashSet());
        });

    [Fact]
    public void The_number_alone_is_that_of_the_whole_reading() =>
        _event.Array[0, 20].Sample(events =>
        {
            var set = Given.EverySort();
            var state = Given.StateOf(set, events);
            Assert.Equal(
                state.Read(Given.Noon).Select(value => value.Number),
                set.FeaturesOf(EntityKind.Customer)
                    .Select(feature => state.Number(feature, Given.Noon.ToUnixTimeMilliseconds())));
        });

    [Fact]
    public void What_no_exact_window_reaches_is_dropped()
    {
        var state = Given.StateOf(_set, Given.Order(Given.Noon.AddDays(-32), 1), Given.Order(Given.Noon, 2, null, 1));

        Assert.Equal(
            [$"spend:s:e{Given.Noon.ToUnixTimeMilliseconds()}"],
            state.Fields().Keys.Where(field => field.StartsWith("spend", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Aggregation.Count, 31, "30 days at most")]
    [InlineData(Aggregation.TimeSinceLast, 1, "exact anyway")]
    public void A_definition_that_cannot_be_exact_is_refused(Aggregation aggregation, int days, string reason)
    {
        var definition = Given.Definition("wrong", aggregation, null, TimeSpan.FromDays(days)) with { IsExact = true };

        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => new FeatureSet([definition])).Message);
    }

    [Fact]
    public void A_set_without_exact_definitions_keeps_its_version() =>
        Assert.Equal("672122e39aa2", Given.EverySort().Version);

    private static FeatureDefinition Exact(string name, Aggregation aggregation, EventField? of) =>
        Given.Definition(name, aggregation, of, _windows) with { IsExact = true };
}
