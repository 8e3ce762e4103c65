using Ecom.Contracts.Orders;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Takes a void order out of profile and baskets, whichever message comes first.</summary>
internal sealed class OrderCancelledConsumer(CustomerStore customers) : IConsumer<OrderCancelled>
{
    public Task Consume(ConsumeContext<OrderCancelled> context) =>
        customers.CancelOrderAsync(context.Message, context.CancellationToken);
}
