using Ecom.Contracts.Behaviour;
using Ecom.Features;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Remembers which customers were seen on which device and address.</summary>
[Gathered]
internal sealed class InteractionsRecordedConsumer(FeatureWriter writer) : IConsumer<InteractionsRecorded>
{
    public async Task Consume(ConsumeContext<InteractionsRecorded> context)
    {
        using var spans = EventSpans.Start(
            Telemetry.Source,
            "process interactions-recorded",
            context.Message.Interactions.Select(interaction => interaction.TraceParent));
        await writer.RecordAsync(
            InboxEntry.Of(context).MessageId, ShopEvents.From(context.Message), context.CancellationToken);
    }
}
