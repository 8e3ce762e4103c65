using System.Text.Json;
using Dapper;
using Ecom.Contracts.Features;
using Ecom.Contracts.Models;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>What is watched of models in service: tables <c>drifts</c> and <c>outcomes</c>.</summary>
internal sealed class QualityStore(NpgsqlDataSource database)
{
    /// <summary>Records a drift in the connection's transaction.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, FeatureDriftDetected drift, CancellationToken cancellation)
    {
        const string Sql = """
            insert into drifts (feature, statistic, value, threshold, sample_size, detected_at)
            values (@Feature, @Statistic, @Value, @Threshold, @SampleSize, @DetectedAt)
            """;

        return connection.ExecuteAsync(new CommandDefinition(Sql, drift, cancellationToken: cancellation));
    }

    /// <summary>Records a measurement in the connection's transaction; one of the same window is replaced.</summary>
    public static Task AddAsync(
        NpgsqlConnection connection, ModelOutcomesMeasured outcomes, CancellationToken cancellation)
    {
        const string Sql = """
            insert into outcomes (model, version, from_at, to_at, sample_size, metrics)
            values (@Model, @Version, @From, @To, @SampleSize, @Metrics::jsonb)
            on conflict (model, version, from_at, to_at) do update
            set sample_size = excluded.sample_size, metrics = excluded.metrics
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                outcomes.Model,
                outcomes.Version,
                outcomes.From,
                outcomes.To,
                outcomes.SampleSize,
                Metrics = JsonSerializer.Serialize(outcomes.Metrics, JsonSerializerOptions.Web),
            },
            cancellationToken: cancellation));
    }

    /// <summary>
    /// Mean of each metric over the measurements of a model, any version, that ended in the days before a time;
    /// weighted by sample size.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, double>> ReadPastAsync(
        NpgsqlConnection connection, string model, DateTimeOffset before, int days, CancellationToken cancellation)
    {
        const string Sql = """
            select metric.key as name, sum(metric.value::float8 * sample_size) / sum(sample_size) as mean
            from outcomes
            cross join lateral jsonb_each_text(metrics) as metric
            where model = @model and sample_size > 0 and to_at <= @before and to_at > @since
            group by metric.key
            """;

        var rows = await connection.QueryAsync<(string Name, double Mean)>(new CommandDefinition(
            Sql, new { model, before, since = before - TimeSpan.FromDays(days) }, cancellationToken: cancellation));
        return rows.ToDictionary(row => row.Name, row => row.Mean);
    }

    /// <summary>Measurements of a model in service, newest first.</summary>
    public async Task<IReadOnlyList<OutcomesRow>> ListOutcomesAsync(
        string model, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select model, version, from_at, to_at, sample_size, metrics::text as metrics
            from outcomes
            where model = @model
            order by to_at desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<OutcomesRow>(new CommandDefinition(
            Sql, new { model, limit }, cancellationToken: cancellation))];
    }
}

/// <summary>A row of <c>outcomes</c>.</summary>
internal sealed record OutcomesRow
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset FromAt { get; init; }

    public required DateTimeOffset ToAt { get; init; }

    public required int SampleSize { get; init; }

    public required string Metrics { get; init; }
}
