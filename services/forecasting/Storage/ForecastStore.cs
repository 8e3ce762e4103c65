using System.Data;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Forecasts;
using Ecom.Forecasting.Demand;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Forecasting.Storage;

/// <summary>Forecasts and the runs that make them: tables <c>forecasts</c> and <c>forecast_runs</c>.</summary>
internal sealed class ForecastStore(NpgsqlDataSource database, Outbox outbox)
{
    static ForecastStore() => SqlMapper.AddTypeHandler(new BacktestsHandler());

    /// <summary>Saves a batch, moves the run's cursor and announces the demand, all or nothing.</summary>
    public async Task SaveAsync(
        long runId, IReadOnlyList<ProductForecast> forecasts, string cursor, CancellationToken cancellation)
    {
        const string Save = """
            insert into forecasts (product_id, origin, method, point, low80, high80, low95, high95, backtests,
                history_days, next28_days, safety_stock, reorder_point, order_up_to, lead_time_days,
                service_level, forecasted_at)
            values (@ProductId, @Origin, @Method, @Point, @Low80, @High80, @Low95, @High95, @Backtests::jsonb,
                @HistoryDays, @Next28Days, @SafetyStock, @ReorderPoint, @OrderUpTo, @LeadTimeDays,
                @ServiceLevel, @ForecastedAt)
            on conflict (product_id) do update
            set origin = excluded.origin, method = excluded.method, point = excluded.point, low80 = excluded.low80,
                high80 = excluded.high80, low95 = excluded.low95, high95 = excluded.high95,
                backtests = excluded.backtests, history_days = excluded.history_days,
                next28_days = excluded.next28_days, safety_stock = excluded.safety_stock,
                reorder_point = excluded.reorder_point, order_up_to = excluded.order_up_to,
                lead_time_days = excluded.lead_time_days, service_level = excluded.service_level,
                forecasted_at = excluded.forecasted_at
            """;
        const string Progress = """
            update forecast_runs
            set state = 'running', product_cursor = @cursor, products = products + @Count
            where run_id = @runId
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Save, forecasts, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Progress, new { runId, cursor, forecasts.Count }, cancellationToken: cancellation));
        await outbox.AddAsync(connection, [.. forecasts.Chunk(100).Select(Announce)], cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public async Task<ProductForecast?> FindAsync(string productId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<ProductForecast>(new CommandDefinition(
            "select * from forecasts where product_id = @productId",
            new { productId },
            cancellationToken: cancellation));
    }

    /// <summary>Forecasts by expected demand, greatest first.</summary>
    public async Task<IReadOnlyList<ProductForecast>> ReadTopAsync(int skip, int count, CancellationToken cancellation)
    {
        const string Sql = """
            select * from forecasts
            order by next28_days desc, product_id
            offset @skip limit @count
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ProductForecast>(new CommandDefinition(
            Sql, new { skip, count }, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Asks for a run; one that waits or is at work already is that run.</summary>
    public async Task<ForecastRun> RequestRunAsync(CancellationToken cancellation)
    {
        const string Sql = """
            insert into forecast_runs (state) values ('queued') on conflict do nothing;
            select * from forecast_runs where state in ('queued', 'running');
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<ForecastRun>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
    }

    /// <summary>The newest runs, newest first.</summary>
    public async Task<IReadOnlyList<ForecastRun>> ReadRunsAsync(int count, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ForecastRun>(new CommandDefinition(
            "select * from forecast_runs order by run_id desc limit @count",
            new { count },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    public async Task FinishRunAsync(long runId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "update forecast_runs set state = 'succeeded', finished_at = @now where run_id = @runId",
            new { runId, now },
            cancellationToken: cancellation));
    }

    private static OutboxMessage Announce(ProductForecast[] forecasts) => new(
        Guid.CreateVersion7(),
        new DemandForecasted
        {
            Products = [.. forecasts.Select(forecast => new ProductDemand
            {
                ProductId = forecast.ProductId,
                Method = forecast.Method,
                Next7Days = forecast.Point.Take(7).Sum(),
                Next28Days = forecast.Next28Days,
            })],
            Origin = forecasts[0].Origin,
            ForecastedAt = forecasts[0].ForecastedAt,
        });

    private sealed class BacktestsHandler : SqlMapper.TypeHandler<IReadOnlyList<MethodBacktest>>
    {
        public override IReadOnlyList<MethodBacktest> Parse(object value) =>
            JsonSerializer.Deserialize<List<MethodBacktest>>((string)value, JsonSerializerOptions.Web) ?? [];

        public override void SetValue(IDbDataParameter parameter, IReadOnlyList<MethodBacktest>? value) =>
            parameter.Value = JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
    }
}

/// <summary>One pass over all products.</summary>
internal sealed record ForecastRun
{
    public required long RunId { get; init; }

    /// <summary>queued, running or succeeded.</summary>
    public required string State { get; init; }

    /// <summary>Last product that is done.</summary>
    public required string ProductCursor { get; init; }

    /// <summary>Products done.</summary>
    public required int Products { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
