using System.Diagnostics;
using Ecom.Contracts.Models;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Registry;
using Ecom.Training.Runs;
using Ecom.Training.Storage;
using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Training.Consumers;

/// <summary>
/// Keeps the live quality of versions; when the champion's falls, says so and trains its recipe again.
/// </summary>
internal sealed class ModelOutcomesMeasuredConsumer(
    NpgsqlDataSource database,
    Retraining retraining,
    Outbox outbox,
    IOptions<TrainingOptions> options,
    TimeProvider clock) : IConsumer<ModelOutcomesMeasured>
{
    private const int PastDays = 30;

    public async Task Consume(ConsumeContext<ModelOutcomesMeasured> context)
    {
        var (outcomes, cancellation) = (context.Message, context.CancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await InboxEntry.Of(context).TryRecordAsync(connection, cancellation))
        {
            return;
        }

        var found = await FindDegradationsAsync(connection, outcomes, cancellation);
        await QualityStore.AddAsync(connection, outcomes, cancellation);
        await outbox.AddAsync(connection, [.. found.Select(one => ToMessage(outcomes, one))], cancellation);
        if (found.Count > 0)
        {
            await retraining.QueueIfQuietAsync(
                connection, outcomes.Model, "degradation", found[0].Metric, Activity.Current?.Id, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        foreach (var one in found)
        {
            Telemetry.Degradations.Add(
                1, new TagList { { "ecom.model", outcomes.Model }, { "ecom.metric", one.Metric } });
        }
    }

    private async Task<IReadOnlyList<Degradation>> FindDegradationsAsync(
        NpgsqlConnection connection, ModelOutcomesMeasured outcomes, CancellationToken cancellation)
    {
        var champion = await ModelRegistry.FindChampionAsync(connection, outcomes.Model, cancellation);
        if (champion?.Version != outcomes.Version || outcomes.SampleSize < options.Value.MinimumOutcomes)
        {
            return [];
        }

        var past = await QualityStore.ReadPastAsync(
            connection, outcomes.Model, outcomes.From, PastDays, cancellation);
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
}
