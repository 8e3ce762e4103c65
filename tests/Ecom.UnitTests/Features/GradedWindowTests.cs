using System.Text;
using CsCheck;
using Ecom.Features;

namespace Ecom.UnitTests.Features;

public sealed class GradedWindowTests
{
    private static readonly TimeSpan[] _windows =
        [TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(365)];

    private static readonly FeatureSet _set = new(
    [
        Graded("orders", Aggregation.Count, null) with { Default = 0 },
        Graded("spend", Aggregation.Sum, EventField.Amount) with { Default = 0 },
        Graded("basket", Aggregation.Mean, EventField.Amount),
        Graded("least", Aggregation.Min, EventField.Amount),
        Graded("most", Aggregation.Max, EventField.Amount),
        Graded("since_first", Aggregation.TimeSinceFirst, null),
    ]);

    private static readonly Gen<ShopEvent> _event =
        from minutes in Gen.Int[0, 40 * 24 * 60]
        from amount in Gen.Long[1, 50]
        from id in Gen.Int[1, int.MaxValue]
        select Given.Order(Given.Noon.AddMinutes(-minutes), amount, null, id);

    [Theory]
    [InlineData("orders_1d", 24, 25)]
    [InlineData("orders_7d", 7 * 24, (7 * 24) + 1)]
    [InlineData("orders_30d", 30 * 24, 31 * 24)]
    [InlineData("orders_365d", 365 * 24, 395 * 24)]
    public void A_graded_window_ends_within_a_tile_that_suits_its_length(string name, int hours, int atMost)
    {
        Assert.Equal(1, Number(name, TimeSpan.FromHours(hours)));
        Assert.Equal(0, Number(name, TimeSpan.FromHours(atMost) + TimeSpan.FromMilliseconds(1)));

        static double? Number(string name, TimeSpan age) =>
            Given.Read(Given.StateOf(_set, Given.Order(Given.Noon - age)), name, Given.Noon).Number;
    }

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
    public void What_no_window_of_its_definition_reaches_is_dropped()
    {
        var set = new FeatureSet(
            [Graded("spend", Aggregation.Sum, EventField.Amount) with { Windows = _windows[..2] }]);
        var days = OneADay(30);

        // Seven days of hours, one tile and one day of grace.
        Assert.Equal(9, Given.StateOf(set, days).Fields().Keys.Count(
            field => field.StartsWith("spend:s:h", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_year_of_busy_days_takes_no_more_than_the_tiles_of_its_windows()
    {
        var set = new FeatureSet([Graded("spend", Aggregation.Sum, EventField.Amount)]);
        var days = OneADay(360);

        Assert.InRange(Given.StateOf(set, days).Fields().Count, 40, 9 + 38 + 14 + 1);
    }

    [Fact]
    public void A_set_of_plain_definitions_keeps_its_version() =>
        Assert.Equal("76a121d5d87f", Given.EverySort().Version);

    private static ShopEvent[] OneADay(int days) =>
        [.. Enumerable.Range(0, days).Select(day => Given.Order(Given.Noon.AddDays(-day), 1, null, day))];

    private static FeatureDefinition Graded(string name, Aggregation aggregation, EventField? of) =>
        Given.Definition(name, aggregation, of, _windows) with { Tiling = Tiling.Graded };
}
