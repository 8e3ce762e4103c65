using Ecom.Contracts.Behaviour;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Counts what visitors do.</summary>
[Gathered]
internal sealed class InteractionsRecordedConsumer(EventRecorder recorder, TimeProvider clock)
    : IConsumer<InteractionsRecorded>
{
    public async Task Consume(ConsumeContext<InteractionsRecorded> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(
            Telemetry.Source,
            "process interactions-recorded",
            message.Interactions.Select(interaction => interaction.TraceParent));
        await recorder.RecordAsync(InboxEntry.Of(context), ShopEvents.From(message), context.CancellationToken);
        var receivedAt = message.Interactions.Max(interaction => interaction.ReceivedAt);
        Telemetry.Lag.Record((clock.GetUtcNow() - receivedAt).TotalSeconds);
    }
}
