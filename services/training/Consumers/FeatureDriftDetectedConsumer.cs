using Ecom.Contracts.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Storage;
using MassTransit;

namespace Ecom.Training.Consumers;

/// <summary>Records a drift and trains what is in service again, if it was not trained just now.</summary>
internal sealed class FeatureDriftDetectedConsumer(QualityStore quality) : IConsumer<FeatureDriftDetected>
{
    public Task Consume(ConsumeContext<FeatureDriftDetected> context) =>
        quality.AddOnceAsync(InboxEntry.Of(context), context.Message, context.CancellationToken);
}
