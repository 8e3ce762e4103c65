using Ecom.Contracts.Customers;
using Ecom.Features;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Links a browser's payments to the customer it turned out to be, and the customer to the device.</summary>
[Gathered]
internal sealed class CustomerIdentifiedConsumer(FeatureWriter writer) : IConsumer<CustomerIdentified>
{
    public Task Consume(ConsumeContext<CustomerIdentified> context) =>
        writer.RecordAsync(
            context.Message.EventId, ShopEvents.From(context.Message), context.CancellationToken);
}
