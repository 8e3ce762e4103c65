using Ecom.Contracts.Customers;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Forgets a customer. Idempotent: deleting again deletes nothing.</summary>
internal sealed class CustomerErasedConsumer(CustomerStore customers, ProfileCache cache) : IConsumer<CustomerErased>
{
    public async Task Consume(ConsumeContext<CustomerErased> context)
    {
        await customers.EraseAsync(context.Message.CustomerId, context.CancellationToken);
        await cache.DeleteAsync(context.Message.CustomerId);
    }
}
