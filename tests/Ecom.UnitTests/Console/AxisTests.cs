using Ecom.Console.Live;

namespace Ecom.UnitTests.Console;

public sealed class AxisTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1.2, 2)]
    [InlineData(20, 20)]
    [InlineData(21, 50)]
    [InlineData(999, 1_000)]
    [InlineData(5_001, 10_000)]
    public void The_scale_ends_at_the_next_round_number(double largest, double top) =>
        Assert.Equal(top, Axis.Top(largest));

    [Fact]
    public void The_newest_value_stands_at_the_right_and_a_gap_interrupts_the_line()
    {
        double?[] values = [0, 5, null, 10];

        Assert.Equal(
            "M10 100L20 50M40 0",
            Axis.Path(values, capacity: 5, top: 10, width: 40, height: 100, closed: false));
        Assert.Equal(
            "M10 100L10 100L20 50L20 100ZM40 100L40 0L40 100Z",
            Axis.Path(values, capacity: 5, top: 10, width: 40, height: 100, closed: true));
    }
}
