using Ecom.Contracts.Orders;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Keeps orders and baskets; robots count nothing. Idempotent: the order is the key.</summary>
internal sealed class OrderPlacedConsumer(CustomerStore customers) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) =>
        context.Message.Source.IsBot
            ? Task.CompletedTask
            : customers.AddOrderAsync(context.Message, context.CancellationToken);
}
