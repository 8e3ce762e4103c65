using System.Diagnostics;
using Ecom.Forecasting.Demand;
using Ecom.Forecasting.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Forecasting.Jobs;

/// <summary>
/// Forecasts every product that sells, batch by batch, with the cursor saved in the batch's transaction: it goes on
/// where it
/// stopped, on this replica or another.
/// </summary>
internal sealed partial class ForecastJob(
    SalesStore sales,
    ForecastStore forecasts,
    DemandForecaster forecaster,
    IOptions<ForecastingOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<ForecastJob> logger)
    : LeasedJob("forecast", TimeSpan.FromSeconds(1), leases, logger)
{
    private const int BatchSize = 200;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        if (await sales.ReadNewestDayAsync(cancellation) is not { } origin)
        {
            return;
        }

        if (await FindDueAsync(cancellation) is { } run)
        {
            await ForecastAllAsync(run, origin, cancellation);
        }
    }

    private async Task<ForecastRun?> FindDueAsync(CancellationToken cancellation)
    {
        var runs = await forecasts.ReadRunsAsync(1, cancellation);
        var newest = runs.Count == 0 ? null : runs[0];
        return newest switch
        {
            { State: "queued" or "running" } => newest,
            { FinishedAt: { } finished } when clock.GetUtcNow() - finished < options.Value.RefreshInterval => null,
            _ => await forecasts.RequestRunAsync(cancellation),
        };
    }

    private async Task ForecastAllAsync(ForecastRun run, DateOnly origin, CancellationToken cancellation)
    {
        using var span = Telemetry.Source.StartActivity("forecast demand");
        var started = Stopwatch.GetTimestamp();
        var cursor = run.ProductCursor;
        var products = run.Products;
        while (true)
        {
            var batch = await sales.ReadAsync(
                cursor,
                soldSince: origin.AddDays(-options.Value.ActiveDays),
                from: origin.AddDays(1 - options.Value.HistoryDays),
                to: origin,
                BatchSize,
                cancellation);
            if (batch.Count == 0)
            {
                break;
            }

            var made = batch.Select(product => forecaster.Forecast(product, origin, clock.GetUtcNow())).ToArray();
            cursor = batch[^1].ProductId;
            products += made.Length;
            await forecasts.SaveAsync(run.RunId, made, cursor, cancellation);
            Count(made);
        }

        await forecasts.FinishRunAsync(run.RunId, clock.GetUtcNow(), cancellation);
        var elapsed = Stopwatch.GetElapsedTime(started);
        Telemetry.RunDuration.Record(elapsed.TotalSeconds);
        LogDone(run.RunId, products, elapsed);
    }

    private static void Count(IEnumerable<ProductForecast> made)
    {
        foreach (var method in made.CountBy(forecast => forecast.Method))
        {
            Telemetry.Forecasts.Add(method.Value, new KeyValuePair<string, object?>("ecom.method", method.Key));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Forecast run {Run}: {Products} products in {Elapsed}")]
    private partial void LogDone(long run, int products, TimeSpan elapsed);
}
