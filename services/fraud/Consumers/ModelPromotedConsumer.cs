using Ecom.Contracts.Models;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Takes over a promoted version, or one that was rolled back to. Idempotent: the newest wins.</summary>
internal sealed class ModelPromotedConsumer(ModelStore models) : IConsumer<ModelPromoted>
{
    public Task Consume(ConsumeContext<ModelPromoted> context) =>
        context.Message.Model == CurrentModels.Name
            ? models.PromoteAsync(context.Message, context.CancellationToken)
            : Task.CompletedTask;
}
