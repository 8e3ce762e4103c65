using Ecom.Contracts.Orders;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Keeps orders and baskets. Idempotent: the order is the key.</summary>
internal sealed class OrderPlacedConsumer(CustomerStore customers) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) =>
        customers.AddOrderAsync(context.Message, context.CancellationToken);
}
