using Ecom.Contracts.Orders;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Counts refunds and what came back.</summary>
[Gathered]
internal sealed class OrderRefundedConsumer(EventRecorder recorder, TimeProvider clock) : IConsumer<OrderRefunded>
{
    public async Task Consume(ConsumeContext<OrderRefunded> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process order-refunded", [message.TraceParent]);
        await recorder.RecordAsync(InboxEntry.Of(context), ShopEvents.From(message), context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
