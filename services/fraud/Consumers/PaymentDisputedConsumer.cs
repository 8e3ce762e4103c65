using Ecom.Contracts.Payments;
using Ecom.Fraud.Storage;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Keeps a dispute as a label. Idempotent by the dispute's id; the payment may come later.</summary>
internal sealed class PaymentDisputedConsumer(LabelStore labels) : IConsumer<PaymentDisputed>
{
    public Task Consume(ConsumeContext<PaymentDisputed> context) =>
        labels.RecordAsync(context.Message, context.CancellationToken);
}
