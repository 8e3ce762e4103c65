using Ecom.Contracts.Customers;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Learns which anonymous ids belong to a customer.</summary>
[Gathered]
internal sealed class CustomerIdentifiedConsumer(EventRecorder recorder, TimeProvider clock)
    : IConsumer<CustomerIdentified>
{
    public async Task Consume(ConsumeContext<CustomerIdentified> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process customer-identified", [message.TraceParent]);
        await recorder.RecordAsync(InboxEntry.Of(context), ShopEvents.From(message), context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
