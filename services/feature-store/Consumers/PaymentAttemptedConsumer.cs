using Ecom.Contracts.Payments;
using Ecom.FeatureStore.Storage;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Counts payment attempts, and disputes that came before their payment.</summary>
[Gathered]
internal sealed class PaymentAttemptedConsumer(EventRecorder recorder, TimeProvider clock) : IConsumer<PaymentAttempted>
{
    public async Task Consume(ConsumeContext<PaymentAttempted> context)
    {
        var message = context.Message;
        using var spans = EventSpans.Start(Telemetry.Source, "process payment-attempted", [message.TraceParent]);
        await recorder.RecordPaymentAsync(InboxEntry.Of(context), message, context.CancellationToken);
        Telemetry.Lag.Record((clock.GetUtcNow() - message.ReceivedAt).TotalSeconds);
    }
}
