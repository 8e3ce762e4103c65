using Ecom.Forecasting.Demand;
using Ecom.Forecasting.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Forecasting.Endpoints;

/// <summary>Forecasts with their intervals and the back-test beside them.</summary>
internal static class ForecastEndpoints
{
    private const int LongestPage = 500;

    public static void MapForecasts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/products/{productId}/forecast", GetForecast)
            .WithName(nameof(GetForecast))
            .WithSummary("Expected demand of a product, day by day, with 80 % and 95 % intervals and the back-test.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/forecasts", GetForecasts)
            .WithName(nameof(GetForecasts))
            .WithSummary("Forecasts by expected demand, greatest first.")
            .RequireScope(Scopes.Read);
        app.MapGet("/v1/forecast-runs", GetForecastRuns)
            .WithName(nameof(GetForecastRuns))
            .WithSummary("Passes over all products, newest first, with progress.")
            .RequireScope(Scopes.Ops, Scopes.Read);
        app.MapPost("/v1/forecast-runs", PostForecastRun)
            .WithName(nameof(PostForecastRun))
            .WithSummary("Forecasts all products now. A run that waits or is at work already is that run.")
            .RequireScope(Scopes.Ops);
    }

    private static async Task<Results<Ok<ForecastAnswer>, ProblemHttpResult>> GetForecast(
        string productId, ForecastStore forecasts, CancellationToken cancellation) =>
        await forecasts.FindAsync(productId, cancellation) is { } forecast
            ? TypedResults.Ok(ForecastAnswer.From(forecast))
            : TypedResults.Problem(
                title: "No forecast",
                detail: "Unknown, not sold lately, or not forecast yet: see GET /v1/forecast-runs.",
                statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<IEnumerable<ForecastAnswer>>, ValidationProblem>> GetForecasts(
        ForecastStore forecasts, CancellationToken cancellation, int skip = 0, int limit = 20)
    {
        if (skip < 0 || limit is < 1 or > LongestPage)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]>
            {
                ["limit"] = [$"limit must be between 1 and {LongestPage}, skip at least 0."],
            });
        }

        var top = await forecasts.ReadTopAsync(skip, limit, cancellation);
        return TypedResults.Ok(top.Select(ForecastAnswer.From));
    }

    private static async Task<Ok<IReadOnlyList<ForecastRun>>> GetForecastRuns(
        ForecastStore forecasts, CancellationToken cancellation) =>
        TypedResults.Ok(await forecasts.ReadRunsAsync(20, cancellation));

    private static async Task<Accepted<ForecastRun>> PostForecastRun(
        ForecastStore forecasts, CancellationToken cancellation) =>
        TypedResults.Accepted("/v1/forecast-runs", await forecasts.RequestRunAsync(cancellation));
}

/// <summary>A forecast as planners read it.</summary>
internal sealed record ForecastAnswer
{
    public required string ProductId { get; init; }

    /// <summary>The method that won the back-test.</summary>
    public required string Method { get; init; }

    /// <summary>Last day of sales that it knows.</summary>
    public required DateOnly Origin { get; init; }

    public required DateTimeOffset ForecastedAt { get; init; }

    /// <summary>Days of sales that it rests on.</summary>
    public required int HistoryDays { get; init; }

    /// <summary>Expected units of the next 28 days.</summary>
    public required double Next28Days { get; init; }

    public required IReadOnlyList<ForecastDay> Days { get; init; }

    /// <summary>Back-test of the method that won.</summary>
    public required MethodBacktest Backtest { get; init; }

    /// <summary>Back-tests of the methods that lost.</summary>
    public required IReadOnlyList<MethodBacktest> OtherBacktests { get; init; }

    public required double SafetyStock { get; init; }

    public required double ReorderPoint { get; init; }

    public required double OrderUpTo { get; init; }

    public static ForecastAnswer From(ProductForecast forecast)
    {
        return new ForecastAnswer
        {
            ProductId = forecast.ProductId,
            Method = forecast.Method,
            Origin = forecast.Origin,
            ForecastedAt = forecast.ForecastedAt,
            HistoryDays = forecast.HistoryDays,
            Next28Days = forecast.Next28Days,
            Days = [.. forecast.Point.Select((point, index) => new ForecastDay(
                forecast.Origin.AddDays(index + 1),
                point,
                forecast.Low80[index],
                forecast.High80[index],
                forecast.Low95[index],
                forecast.High95[index]))],
            Backtest = forecast.Backtests.Single(test => test.Method == forecast.Method),
            OtherBacktests = [.. forecast.Backtests.Where(test => test.Method != forecast.Method)],
            SafetyStock = forecast.SafetyStock,
            ReorderPoint = forecast.ReorderPoint,
            OrderUpTo = forecast.OrderUpTo,
        };
    }
}

/// <summary>Expected units of one day and the bounds of its intervals.</summary>
internal sealed record ForecastDay(
    DateOnly Day, double Expected, double Low80, double High80, double Low95, double High95);
