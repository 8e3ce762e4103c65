using Ecom.Contracts.Customers;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Keeps country and age of the account. Idempotent.</summary>
internal sealed class CustomerIdentifiedConsumer(CustomerStore customers) : IConsumer<CustomerIdentified>
{
    public Task Consume(ConsumeContext<CustomerIdentified> context) =>
        customers.IdentifyAsync(context.Message, context.CancellationToken);
}
