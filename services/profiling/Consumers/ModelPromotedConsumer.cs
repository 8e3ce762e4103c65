using Ecom.Contracts.Models;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>
/// Takes over a promoted segmentation; the profile job assigns every customer. Idempotent: the newest wins.
/// </summary>
internal sealed class ModelPromotedConsumer(SegmentStore segments) : IConsumer<ModelPromoted>
{
    public Task Consume(ConsumeContext<ModelPromoted> context) =>
        context.Message.Model == Composition.SegmentsModel
            ? segments.PromoteAsync(context.Message, context.CancellationToken)
            : Task.CompletedTask;
}
