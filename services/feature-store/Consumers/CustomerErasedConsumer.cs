using Ecom.Contracts.Customers;
using Ecom.FeatureStore.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.FeatureStore.Consumers;

/// <summary>Forgets a customer.</summary>
internal sealed class CustomerErasedConsumer(Erasure erasure) : IConsumer<CustomerErased>
{
    public Task Consume(ConsumeContext<CustomerErased> context) =>
        erasure.EraseAsync(InboxEntry.Of(context), context.Message, context.CancellationToken);
}
