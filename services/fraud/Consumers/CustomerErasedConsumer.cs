using Ecom.Contracts.Customers;
using Ecom.Fraud.Storage;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Forgets a customer. Idempotent: erasing again erases nothing.</summary>
internal sealed class CustomerErasedConsumer(Erasure erasure) : IConsumer<CustomerErased>
{
    public Task Consume(ConsumeContext<CustomerErased> context) =>
        erasure.EraseAsync(context.Message, context.CancellationToken);
}
