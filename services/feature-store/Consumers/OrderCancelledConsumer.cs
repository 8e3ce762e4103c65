using Ecom.Contracts.Orders;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Counts cancellations.</summary>
[Gathered]
internal sealed class OrderCancelledConsumer(EventRecorder recorder, TimeProvider clock) : IConsumer<OrderCancelled>
{
    public async Task Consume(ConsumeContext<OrderCancelled> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process order-cancelled", [message.TraceParent]);
        await recorder.RecordAsync(InboxEntry.Of(context), ShopEvents.From(message), context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
