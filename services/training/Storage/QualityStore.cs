using System.Diagnostics;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Features;
using Ecom.Contracts.Models;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Registry;
using Ecom.Training.Trainers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>What is watched of models in service: tables <c>drifts</c> and <c>outcomes</c>.</summary>
internal sealed class QualityStore(
    NpgsqlDataSource database,
    Retraining retraining,
    Outbox outbox,
    IOptions<TrainingOptions> options,
    TimeProvider clock)
{
    private const int PastDays = 30;

    /// <summary>Records a drift and trains what is in service again, unless the message was here before.</summary>
    public async Task AddOnceAsync(InboxEntry entry, FeatureDriftDetected drift, CancellationToken cancellation)
    {
        const string Sql = """
            insert into drifts (feature, statistic, value, threshold, sample_size, detected_at)
            values (@Feature, @Statistic, @Value, @Threshold, @SampleSize, @DetectedAt)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await entry.TryRecordAsync(connection, cancellation))
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(Sql, drift, cancellationToken: cancellation));
        // Always in the same order, so that two drifts at once do not wait for each other.
        foreach (var model in TrainerCatalogue.All.Select(trainer => trainer.Model).Distinct().Order())
        {
            await retraining.QueueIfQuietAsync(connection, model, "drift", drift.Feature, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>
    /// Records a measurement, unless the message was here before; a champion that does worse than expected is told,
    /// and its recipe trained again.
    /// </summary>
    /// <returns>What is worse than expected.</returns>
    public async Task<IReadOnlyList<Degradation>> AddOnceAsync(
        InboxEntry entry, ModelOutcomesMeasured outcomes, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await entry.TryRecordAsync(connection, cancellation))
        {
            return [];
        }

        var found = await FindDegradationsAsync(connection, outcomes, cancellation);
        await AddAsync(connection, outcomes, cancellation);
        await outbox.AddAsync(connection, [.. found.Select(one => ToMessage(outcomes, one))], cancellation);
        if (found.Count > 0)
        {
            await retraining.QueueIfQuietAsync(
                connection, outcomes.Model, "degradation", found[0].Metric, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return found;
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

    private async Task<IReadOnlyList<Degradation>> FindDegradationsAsync(
        NpgsqlConnection connection, ModelOutcomesMeasured outcomes, CancellationToken cancellation)
    {
        var champion = await ModelRegistry.FindChampionAsync(connection, outcomes.Model, cancellation);
        if (champion?.Version != outcomes.Version || outcomes.SampleSize < options.Value.MinimumOutcomes)
        {
            return [];
        }

        var past = await ReadPastAsync(connection, outcomes.Model, outcomes.From, cancellation);
        return [.. QualityCheck.Find(outcomes.Metrics, past, options.Value)];
    }

    private OutboxMessage ToMessage(ModelOutcomesMeasured outcomes, Degradation found)
    {
        var message = new ModelQualityDegraded
        {
            Model = outcomes.Model,
            Version = outcomes.Version,
            Metric = found.Metric,
            Value = found.Value,
            Expected = found.Expected,
            DetectedAt = clock.GetUtcNow(),
        };
        return new OutboxMessage(Guid.NewGuid(), message, Activity.Current?.Id);
    }

    private static Task AddAsync(
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

    // Mean of each metric over the measurements of a model, any version, that ended in the days before a time;
    // weighted by sample size.
    private static async Task<IReadOnlyDictionary<string, double>> ReadPastAsync(
        NpgsqlConnection connection, string model, DateTimeOffset before, CancellationToken cancellation)
    {
        const string Sql = """
            select metric.key as name, sum(metric.value::float8 * sample_size) / sum(sample_size) as mean
            from outcomes
            cross join lateral jsonb_each_text(metrics) as metric
            where model = @model and sample_size > 0 and to_at <= @before and to_at > @since
            group by metric.key
            """;

        var rows = await connection.QueryAsync<(string Name, double Mean)>(new CommandDefinition(
            Sql, new { model, before, since = before - TimeSpan.FromDays(PastDays) }, cancellationToken: cancellation));
        return rows.ToDictionary(row => row.Name, row => row.Mean);
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
