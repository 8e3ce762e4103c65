using System.ComponentModel.DataAnnotations;

namespace Ecom.Forecasting;

/// <summary>Section <c>Forecasting</c> of the configuration; checked when the service starts.</summary>
internal sealed class ForecastingOptions
{
    public const string Section = "Forecasting";

    /// <summary>Days ahead. Default 28. It must reach over lead time, review and cover.</summary>
    [Range(7, 365)]
    public int HorizonDays { get; init; } = 28;

    /// <summary>Days of sales that a forecast looks back on. Default 730.</summary>
    [Range(28, 3_650)]
    public int HistoryDays { get; init; } = 730;

    /// <summary>Back-test origins for each product, the latest ones. Default 12.</summary>
    [Range(1, 100)]
    public int BacktestOrigins { get; init; } = 12;

    /// <summary>Products that sold nothing for so long are not forecast. Default 180 days.</summary>
    [Range(1, 3_650)]
    public int ActiveDays { get; init; } = 180;

    /// <summary>Age at which all forecasts are made anew when something was sold since. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time between looks at stock levels. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReorderInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Days from an order to its arrival. Default 7.</summary>
    [Range(0, 200)]
    public int LeadTimeDays { get; init; } = 7;

    /// <summary>Days between two looks at the stock by whoever orders. Default 1.</summary>
    [Range(1, 60)]
    public int ReviewDays { get; init; } = 1;

    /// <summary>Days of demand that an order covers beyond the reorder point. Default 14.</summary>
    [Range(0, 200)]
    public int CoverDays { get; init; } = 14;

    /// <summary>Probability that the stock lasts until the next delivery. Default 0.95.</summary>
    [Range(0.5, 0.9999)]
    public double ServiceLevel { get; init; } = 0.95;
}
