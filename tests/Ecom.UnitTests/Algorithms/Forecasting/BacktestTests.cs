using CsCheck;
using Ecom.Algorithms.Forecasting;

namespace Ecom.UnitTests.Algorithms.Forecasting;

public sealed class BacktestTests
{
    [Fact]
    public void Errors_and_metrics_are_the_hand_computed_ones()
    {
        // Origins 2, 3, 4 of the last value: errors 3−2, 5−3, 4−5.
        var options = new BacktestOptions { Horizon = 1, Season = 1 };

        var result = Backtest.Run(new SeasonalNaive(1), [1, 2, 3, 5, 4], options);

        Assert.Equal([[1.0], [2.0], [-1.0]], result.Errors);
        Assert.Equal(Math.Sqrt(2), result.Rmse!.Value, 12);
        Assert.Equal(4.0 / 12, result.Wape!.Value, 12);
        Assert.Equal(-2.0 / 12, result.Bias!.Value, 12);

        // In sample, up to the last origin: |1|, |1|, |2|.
        Assert.Equal(4.0 / 3 / (4.0 / 3), result.Mase!.Value, 12);
        Assert.Equal(Math.Sqrt(2 / (6.0 / 3)), result.Rmsse!.Value, 12);
    }

    [Fact]
    public void The_error_of_a_total_lets_errors_cancel()
    {
        // Repeating the last value at origins 2 and 3: errors (1, −1) and (−2, 0).
        var options = new BacktestOptions { Horizon = 2, Season = 1 };

        var result = Backtest.Run(new SeasonalNaive(1), [2, 2, 3, 1, 3], options);

        Assert.Equal([[1.0, -1.0], [-2.0, 0.0]], result.Errors);
        Assert.Equal(Math.Sqrt(2.5), result.DeviationOfTotal(1)!.Value, 12);
        Assert.Equal(Math.Sqrt(2), result.DeviationOfTotal(2)!.Value, 12);
    }

    [Fact]
    public void No_origin_knows_what_came_after_it()
    {
        var spy = new Spy();

        Backtest.Run(spy, [.. Enumerable.Range(0, 30).Select(t => (double)t)], new BacktestOptions
        {
            Horizon = 5,
            Season = 2,
            Origins = 4,
        });

        Assert.Equal([22, 23, 24, 25], spy.Lengths);
    }

    [Fact]
    public void Series_too_short_for_an_origin_have_no_metrics_but_a_forecast_with_intervals()
    {
        var options = new BacktestOptions { Horizon = 7, Season = 7 };
        IForecaster[] methods = [new SeasonalNaive(7), new Theta(7)];

        foreach (double[] series in new double[][] { [], [3], [3, 5, 4] })
        {
            var selected = MethodSelection.Choose(methods, series, options);

            Assert.Equal("seasonal-naive", selected.Forecast.Method);
            Assert.Empty(selected.Winner.Errors);
            Assert.Null(selected.Winner.Rmse);
            Assert.Null(selected.Winner.DeviationOfTotal(3));
            Assert.Equal(7, selected.Forecast.High95.Length);
            Assert.Equal(series.Length > 0, selected.Forecast.High95[0] > selected.Forecast.Point[0]);
        }
    }

    [Fact]
    public void A_series_of_zeros_or_of_one_value_is_certain()
    {
        var options = new BacktestOptions { Horizon = 7, Season = 7 };
        foreach (var value in new[] { 0.0, 5.0 })
        {
            var selected = MethodSelection.Choose(
                [new SeasonalNaive(7), new Theta(7)], [.. Enumerable.Repeat(value, 60)], options);

            Assert.Equal("seasonal-naive", selected.Forecast.Method);
            Assert.Null(selected.Winner.Mase);
            Assert.Equal(value > 0 ? 0 : null, selected.Winner.Wape);
            Assert.All(selected.Forecast.High95, high => Assert.Equal(value, high, 9));
            Assert.Equal(1, selected.Winner.Coverage95);
        }
    }

    [Fact]
    public void The_method_that_fits_the_series_wins()
    {
        var random = new Random(9);
        var options = new BacktestOptions { Horizon = 7, Season = 7 };
        double[] noise = [.. Enumerable.Range(0, 120).Select(_ => 20 + (10 * random.NextDouble()))];
        double[] week = [.. Enumerable.Range(0, 120).Select(day => day % 7 == 0 ? 50.0 + (day / 7 % 2) : 1.0)];
        IForecaster[] methods = [new SeasonalNaive(7), new Theta(7)];

        var selected = MethodSelection.Choose(methods, noise, options);

        Assert.Equal("theta", selected.Forecast.Method);
        Assert.Equal(selected.Backtests.Min(result => result.Rmse), selected.Winner.Rmse);
        Assert.Equal(2, selected.Backtests.Count);
        Assert.True(MethodSelection.Choose([new SeasonalNaive(1), new Theta(7)], week, options).Winner.Mase < 1.2);
    }

    [Fact]
    public void Intervals_are_nested_never_negative_and_never_shrink_with_distance() =>
        Gen.Select(ForecasterConformanceTests.Demand, Gen.Int[1, 8], Gen.Int[1, 15]).Sample((series, season, horizon) =>
        {
            var forecast = MethodSelection.Choose(
                [new SeasonalNaive(season), new Theta(season)],
                series,
                new BacktestOptions { Horizon = horizon, Season = season }).Forecast;
            for (var step = 0; step < horizon; step++)
            {
                Assert.True(forecast.Low95[step] >= 0);
                Assert.True(forecast.Low95[step] <= forecast.Low80[step] + 1e-9);
                Assert.True(forecast.Low80[step] <= forecast.Point[step]);
                Assert.True(forecast.High80[step] <= forecast.High95[step] + 1e-9);
                var width = forecast.High80[step] - forecast.Point[step];
                Assert.True(step == 0 || width >= forecast.High80[step - 1] - forecast.Point[step - 1] - 1e-9);
            }
        });

    [Fact]
    public void Intervals_hold_about_what_they_promise_on_fresh_data()
    {
        var random = new Random(21);
        var (within80, within95, all) = (0, 0, 0);
        for (var product = 0; product < 120; product++)
        {
            double[] series = [.. Enumerable.Range(0, 107).Select(_ => 100 + (20 * (random.NextDouble() - 0.5)))];
            var forecast = MethodSelection.Choose(
                [new Theta(1)], series.AsSpan(0, 100), new BacktestOptions { Horizon = 7, Season = 1 }).Forecast;
            for (var step = 0; step < 7; step++)
            {
                var actual = series[100 + step];
                within80 += actual >= forecast.Low80[step] && actual <= forecast.High80[step] ? 1 : 0;
                within95 += actual >= forecast.Low95[step] && actual <= forecast.High95[step] ? 1 : 0;
                all++;
            }
        }

        Assert.InRange((double)within80 / all, 0.74, 0.87);
        Assert.InRange((double)within95 / all, 0.91, 0.99);
    }

    [Fact]
    public void No_methods_and_values_that_are_not_finite_are_refused()
    {
        var options = new BacktestOptions { Horizon = 1, Season = 1 };

        Assert.Throws<ArgumentException>(() => MethodSelection.Choose([], [1], options));
        Assert.Throws<ArgumentException>(() => MethodSelection.Choose([new Theta(1)], [1, double.NaN], options));
    }

    private sealed class Spy : IForecaster
    {
        public List<int> Lengths { get; } = [];

        public string Name => "spy";

        public double[] Forecast(ReadOnlySpan<double> history, int horizon)
        {
            Lengths.Add(history.Length);
            return new double[horizon];
        }
    }
}
