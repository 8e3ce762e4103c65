using Ecom.Algorithms.Forecasting;

namespace Ecom.Forecasting.Demand;

/// <summary>How a method did on a product's past. Shares are fractions.</summary>
internal sealed record MethodBacktest
{
    public required string Method { get; init; }

    public required int Origins { get; init; }

    public required double? Rmse { get; init; }

    public required double? Mase { get; init; }

    public required double? Rmsse { get; init; }

    public required double? Wape { get; init; }

    public required double? Bias { get; init; }

    public required double? Coverage80 { get; init; }

    public required double? Coverage95 { get; init; }

    public static MethodBacktest From(BacktestResult result) => new()
    {
        Method = result.Method,
        Origins = result.Errors.Length,
        Rmse = result.Rmse,
        Mase = result.Mase,
        Rmsse = result.Rmsse,
        Wape = result.Wape,
        Bias = result.Bias,
        Coverage80 = result.Coverage80,
        Coverage95 = result.Coverage95,
    };
}
