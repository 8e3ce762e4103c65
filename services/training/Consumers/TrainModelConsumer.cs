using System.Diagnostics;
using Ecom.Contracts.Models;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Storage;
using Ecom.Training.Trainers;
using MassTransit;

namespace Ecom.Training.Consumers;

/// <summary>Turns the wish for a new version into a queued run; the training itself is a job.</summary>
/// <remarks>Idempotent: by inbox, and by the run's id, which the API knows as well.</remarks>
internal sealed class TrainModelConsumer(RunStore runs) : IConsumer<TrainModel>
{
    public async Task Consume(ConsumeContext<TrainModel> context)
    {
        var message = context.Message;
        var trainer = TrainerCatalogue.Find(message.Trainer)
            ?? throw new UnusableMessageException(
                $"There is no trainer '{message.Trainer}'. Known: {TrainerCatalogue.Names}.");
        var run = new NewRun
        {
            RunId = message.RunId,
            Trainer = trainer.Name,
            Model = trainer.Model,
            Reason = message.Reason,
            RequestedBy = nameof(TrainModel),
            Options = trainer.ReadOptions(null).ToJson(),
            TraceParent = Activity.Current?.Id,
        };
        await runs.QueueOnceAsync(InboxEntry.Of(context), run, context.CancellationToken);
    }
}
