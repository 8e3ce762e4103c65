using Ecom.Algorithms.Forecasting;
using Ecom.Algorithms.Inventory;
using Ecom.Forecasting.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Forecasting.Demand;

/// <summary>The recipe: from the daily sales of one product to its forecast, back-test and stock levels.</summary>
internal sealed class DemandForecaster(IOptions<ForecastingOptions> options)
{
    private const int Week = 7;

    // The baseline comes first: it wins ties and series that are too short for a back-test.
    private static readonly IReadOnlyList<IForecaster> _methods = [new SeasonalNaive(Week), new Theta(Week)];

    /// <param name="sales">Sales of one product, by day.</param>
    /// <param name="origin">Last day that the forecast knows.</param>
    /// <param name="now">When it is made.</param>
    public ProductForecast Forecast(ProductSales sales, DateOnly origin, DateTimeOffset now)
    {
        var series = ToSeries(sales, origin, options.Value.HistoryDays);
        var selected = MethodSelection.Choose(_methods, series, new BacktestOptions
        {
            Horizon = options.Value.HorizonDays,
            Season = Week,
            Origins = options.Value.BacktestOrigins,
        });
        var policy = PolicyFor(selected, series);
        return new ProductForecast
        {
            ProductId = sales.ProductId,
            Origin = origin,
            Method = selected.Winner.Method,
            Point = selected.Forecast.Point,
            Low80 = selected.Forecast.Low80,
            High80 = selected.Forecast.High80,
            Low95 = selected.Forecast.Low95,
            High95 = selected.Forecast.High95,
            Backtests = [.. selected.Backtests.Select(MethodBacktest.From)],
            HistoryDays = series.Length,
            Next28Days = selected.Forecast.Point.Take(28).Sum(),
            SafetyStock = policy.SafetyStock,
            ReorderPoint = policy.ReorderPoint,
            OrderUpTo = policy.OrderUpTo,
            LeadTimeDays = options.Value.LeadTimeDays,
            ServiceLevel = options.Value.ServiceLevel,
            ForecastedAt = now,
        };
    }

    /// <summary>
    /// Units sold on each day from the first sale, or from as far back as is looked, to the origin; gaps are 0.
    /// </summary>
    public static double[] ToSeries(ProductSales sales, DateOnly origin, int longest)
    {
        var first = sales.Days[0];
        var start = first > origin.AddDays(1 - longest) ? first : origin.AddDays(1 - longest);
        var series = new double[origin.DayNumber - start.DayNumber + 1];
        for (var sale = 0; sale < sales.Days.Length; sale++)
        {
            var index = sales.Days[sale].DayNumber - start.DayNumber;
            if (index >= 0 && index < series.Length)
            {
                series[index] += sales.Units[sale];
            }
        }

        return series;
    }

    private StockPolicy PolicyFor(SelectedForecast selected, double[] series)
    {
        var policy = new StockPolicyOptions
        {
            LeadTime = options.Value.LeadTimeDays,
            ReviewPeriod = options.Value.ReviewDays,
            CoverPeriods = options.Value.CoverDays,
            ServiceLevel = options.Value.ServiceLevel,
        };
        var deviation = selected.Winner.DeviationOfTotal(policy.ProtectionPeriods)
            ?? StockPolicy.DeviationOver(policy.ProtectionPeriods, DeviationOfOneDay(series));
        return StockPolicy.From(selected.Forecast.Point, deviation, policy);
    }

    // Too short for a back-test: the spread of the sales themselves stands in for the error.
    private static double DeviationOfOneDay(double[] series)
    {
        var mean = series.Average();
        return Math.Sqrt(series.Average(value => (value - mean) * (value - mean)));
    }
}
