using CsCheck;
using Ecom.Algorithms.Forecasting;

namespace Ecom.UnitTests.Algorithms.Forecasting;

/// <summary>What every method must keep, on any series.</summary>
public sealed class ForecasterConformanceTests
{
    public static TheoryData<string> Methods => ["seasonal-naive", "theta"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Forecasts_are_finite_never_negative_and_as_many_as_asked(string name) =>
        Gen.Select(Demand, Gen.Int[1, 8], Gen.Int[0, 30]).Sample((series, season, horizon) =>
        {
            var forecast = Method(name, season).Forecast(series, horizon);
            Assert.Equal(horizon, forecast.Length);
            Assert.All(forecast, value => Assert.True(double.IsFinite(value) && value >= 0));
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_constant_series_goes_on(string name) =>
        Gen.Select(Gen.Double[0, 1_000], Gen.Int[1, 60], Gen.Int[1, 8]).Sample((value, length, season) =>
        {
            var forecast = Method(name, season).Forecast([.. Enumerable.Repeat(value, length)], 10);
            Assert.All(forecast, next => Assert.Equal(value, next, 1e-6));
        });

    [Theory]
    [MemberData(nameof(Methods))]
    public void Nothing_sold_and_no_history_forecast_nothing(string name)
    {
        Assert.All(Method(name, 7).Forecast(new double[50], 28), value => Assert.Equal(0, value));
        Assert.All(Method(name, 7).Forecast([], 28), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_planted_week_is_recovered(string name)
    {
        double[] week = [10, 12, 11, 13, 20, 30, 5];
        double[] series = [.. Enumerable.Range(0, 84).Select(day => week[day % 7])];

        var forecast = Method(name, 7).Forecast(series, 14);

        Assert.All(forecast.Index(), next => Assert.Equal(week[next.Index % 7], next.Item, 0.5));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_name_is_the_one_that_messages_carry(string name) => Assert.Equal(name, Method(name, 7).Name);

    internal static Gen<double[]> Demand => Gen.OneOf(
        Gen.Double[0, 100].Array[0, 80],
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3]).Select((n, size) => n < 7 ? 0.0 : size).Array[0, 80],
        Gen.Double[0, 1e-9].Array[0, 40]);

    internal static IForecaster Method(string name, int season) =>
        name == "theta" ? new Theta(season) : new SeasonalNaive(season);
}
