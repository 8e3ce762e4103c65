using Ecom.Contracts.Orders;
using Ecom.Forecasting.Storage;
using MassTransit;

namespace Ecom.Forecasting.Consumers;

/// <summary>Takes a void order out of the demand, whichever of the two messages comes first.</summary>
internal sealed class OrderCancelledConsumer(SalesStore sales) : IConsumer<OrderCancelled>
{
    public Task Consume(ConsumeContext<OrderCancelled> context) =>
        sales.CancelAsync(context.Message.OrderId, context.CancellationToken);
}
