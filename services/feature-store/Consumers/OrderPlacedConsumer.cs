using Ecom.Contracts.Orders;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Counts orders and their lines.</summary>
[Gathered]
internal sealed class OrderPlacedConsumer(EventRecorder recorder, TimeProvider clock) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process order-placed", [message.TraceParent]);
        await recorder.RecordAsync(InboxEntry.Of(context), ShopEvents.From(message), context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
