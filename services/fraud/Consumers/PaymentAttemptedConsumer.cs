using Ecom.Contracts.Payments;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Decides a payment. Idempotent: the payment's own row tells that it was decided.</summary>
[Gathered]
internal sealed class PaymentAttemptedConsumer(DecisionStore decisions) : IConsumer<PaymentAttempted>
{
    public Task Consume(ConsumeContext<PaymentAttempted> context) =>
        decisions.DecideAsync(context.Message, Arrival.Bus, context.CancellationToken);
}
