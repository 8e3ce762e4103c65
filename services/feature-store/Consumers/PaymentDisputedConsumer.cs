using Ecom.Contracts.Payments;
using Ecom.FeatureStore.Storage;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Counts disputes, with the card, device and customer of their payment.</summary>
internal sealed class PaymentDisputedConsumer(EventRecorder recorder, TimeProvider clock) : IConsumer<PaymentDisputed>
{
    public async Task Consume(ConsumeContext<PaymentDisputed> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process payment-disputed", [message.TraceParent]);
        await recorder.RecordDisputeAsync(InboxEntry.Of(context), message, context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
