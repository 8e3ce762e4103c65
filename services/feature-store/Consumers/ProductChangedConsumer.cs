using Ecom.Contracts.Catalogue;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Keeps prices.</summary>
[Gathered]
internal sealed class ProductChangedConsumer(EventRecorder recorder, TimeProvider clock) : IConsumer<ProductChanged>
{
    public async Task Consume(ConsumeContext<ProductChanged> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process product-changed", [message.TraceParent]);
        await recorder.RecordAsync(InboxEntry.Of(context), ShopEvents.From(message), context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
