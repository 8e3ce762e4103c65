using Ecom.Contracts.Orders;
using Ecom.Forecasting.Storage;
using MassTransit;

namespace Ecom.Forecasting.Consumers;

/// <summary>Adds what was sold. Idempotent: order and product are the key.</summary>
internal sealed class OrderPlacedConsumer(SalesStore sales) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) =>
        sales.AddAsync(context.Message, context.CancellationToken);
}
