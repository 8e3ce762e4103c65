using Ecom.Algorithms.Forecasting;

namespace Ecom.UnitTests.Algorithms.Forecasting;

public sealed class ThetaTests
{
    [Fact]
    public void The_seasonal_naive_repeats_the_last_season() =>
        Assert.Equal([4, 5, 6, 4], new SeasonalNaive(3).Forecast([1, 2, 3, 4, 5, 6], 4));

    [Fact]
    public void A_history_shorter_than_a_season_repeats_its_last_value() =>
        Assert.Equal([2, 2], new SeasonalNaive(7).Forecast([1, 2], 2));

    [Fact]
    public void A_straight_line_goes_on_with_half_its_slope_from_where_it_is()
    {
        // The best weight is near 1, so the level is the last value, and the drift half of 2.
        var forecast = new Theta(1).Forecast([.. Enumerable.Range(0, 40).Select(t => 100 + (2.0 * t))], 3);

        Assert.Equal(179, forecast[0], 0.05);
        Assert.Equal(1, forecast[1] - forecast[0], 9);
        Assert.Equal(1, forecast[2] - forecast[1], 9);
    }

    [Fact]
    public void Smoothing_finds_the_weight_and_level_of_a_naive_search()
    {
        // A palindrome has no trend, so the forecast is the smoothed level alone.
        var random = new Random(2);
        var half = Enumerable.Range(0, 30).Select(t => 20 + t + (10 * random.NextDouble())).ToArray();
        double[] series = [.. half, .. half.Reverse()];
        var (least, level) = (double.PositiveInfinity, 0.0);
        for (var alpha = 0.005; alpha < 1; alpha += 0.005)
        {
            for (var first = 10.0; first < 40; first += 0.1)
            {
                var (state, error) = (first, 0.0);
                foreach (var value in series)
                {
                    error += (value - state) * (value - state);
                    state += alpha * (value - state);
                }

                (least, level) = error < least ? (error, state) : (least, level);
            }
        }

        Assert.All(new Theta(1).Forecast(series, 3), next => Assert.Equal(level, next, 0.05));
    }

    [Fact]
    public void Seasons_grow_with_the_level_when_all_values_are_positive()
    {
        // Twice the level, twice the swing: factors 0.5 and 1.5.
        double[] series = [.. Enumerable.Range(0, 60).Select(t => (100 + t) * (t % 2 == 0 ? 0.5 : 1.5))];

        var forecast = new Theta(2).Forecast(series, 2);

        Assert.Equal(3, forecast[1] / forecast[0], 0.05);
    }

    [Fact]
    public void Days_without_sales_are_kept_at_zero()
    {
        // Closed on the seventh day.
        double[] series = [.. Enumerable.Range(0, 84).Select(day => day % 7 == 6 ? 0.0 : 10)];

        var forecast = new Theta(7).Forecast(series, 7);

        Assert.Equal(0, forecast[6], 0.2);
        Assert.All(forecast[..6], value => Assert.Equal(10, value, 0.2));
    }

    [Fact]
    public void Noise_without_a_season_gets_none()
    {
        var random = new Random(1);
        double[] series = [.. Enumerable.Range(0, 90).Select(_ => 50 + random.NextDouble())];

        var forecast = new Theta(7).Forecast(series, 14);

        // Without a pattern, the forecast is a straight line.
        Assert.All(forecast.Skip(2).Index(), next => Assert.Equal(
            2 * forecast[next.Index + 1], next.Item + forecast[next.Index], 9));
    }

    [Fact]
    public void A_fall_ends_at_zero_not_below()
    {
        double[] series = [.. Enumerable.Range(0, 30).Select(t => 60 - (2.0 * t))];

        Assert.Equal(0, new Theta(1).Forecast(series, 60)[^1]);
    }
}
