using Ecom.Forecasting.Demand;

namespace Ecom.Forecasting.Storage;

/// <summary>Forecast of one product with its back-test and stock levels: a row of table <c>forecasts</c>.</summary>
internal sealed record ProductForecast
{
    public required string ProductId { get; init; }

    /// <summary>Last day of sales that the forecast knows; the first point is the day after it.</summary>
    public required DateOnly Origin { get; init; }

    /// <summary>The method that won the back-test.</summary>
    public required string Method { get; init; }

    /// <summary>Expected units of each day.</summary>
    public required double[] Point { get; init; }

    public required double[] Low80 { get; init; }

    public required double[] High80 { get; init; }

    public required double[] Low95 { get; init; }

    public required double[] High95 { get; init; }

    public required IReadOnlyList<MethodBacktest> Backtests { get; init; }

    /// <summary>Days of sales that the forecast rests on.</summary>
    public required int HistoryDays { get; init; }

    /// <summary>Expected units of the next 28 days, or of the horizon if that is shorter.</summary>
    public required double Next28Days { get; init; }

    public required double SafetyStock { get; init; }

    public required double ReorderPoint { get; init; }

    public required double OrderUpTo { get; init; }

    public required int LeadTimeDays { get; init; }

    public required double ServiceLevel { get; init; }

    public required DateTimeOffset ForecastedAt { get; init; }
}

/// <summary>Units sold of one product on the days on which it sold, ascending.</summary>
internal sealed record ProductSales
{
    public required string ProductId { get; init; }

    public required DateOnly[] Days { get; init; }

    public required long[] Units { get; init; }
}
