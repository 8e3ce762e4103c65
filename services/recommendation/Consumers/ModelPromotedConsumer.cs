using Ecom.Contracts.Models;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Asks for lists of the promoted model; the refresh job makes them.</summary>
internal sealed class ModelPromotedConsumer(GenerationStore generations) : IConsumer<ModelPromoted>
{
    public Task Consume(ConsumeContext<ModelPromoted> context) =>
        context.Message.Model == Composition.Model
            ? generations.RequestAsync(InboxEntry.Of(context), context.Message, context.CancellationToken)
            : Task.CompletedTask;
}
