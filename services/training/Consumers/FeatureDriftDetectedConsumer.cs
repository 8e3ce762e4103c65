using System.Diagnostics;
using Ecom.Contracts.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Runs;
using Ecom.Training.Storage;
using Ecom.Training.Trainers;
using MassTransit;
using Npgsql;

namespace Ecom.Training.Consumers;

/// <summary>Records a drift and trains what is in service again, if it was not trained just now.</summary>
internal sealed class FeatureDriftDetectedConsumer(NpgsqlDataSource database, Retraining retraining)
    : IConsumer<FeatureDriftDetected>
{
    public async Task Consume(ConsumeContext<FeatureDriftDetected> context)
    {
        var cancellation = context.CancellationToken;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!await InboxEntry.Of(context).TryRecordAsync(connection, cancellation))
        {
            return;
        }

        await QualityStore.AddAsync(connection, context.Message, cancellation);
        // Always in the same order, so that two drifts at once do not wait for each other.
        foreach (var model in TrainerCatalogue.All.Select(trainer => trainer.Model).Distinct().Order())
        {
            await retraining.QueueIfQuietAsync(
                connection, model, "drift", context.Message.Feature, Activity.Current?.Id, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }
}
