using Ecom.Contracts.Orders;
using Ecom.Features;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Remembers since when a customer orders, and from which device and address.</summary>
[Gathered]
internal sealed class OrderPlacedConsumer(FeatureWriter writer) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) =>
        writer.RecordAsync(
            context.Message.EventId, ShopEvents.From(context.Message), context.CancellationToken);
}
