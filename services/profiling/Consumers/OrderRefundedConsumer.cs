using Ecom.Contracts.Orders;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Keeps what went back. Idempotent: the refund is the key.</summary>
internal sealed class OrderRefundedConsumer(CustomerStore customers) : IConsumer<OrderRefunded>
{
    public Task Consume(ConsumeContext<OrderRefunded> context) =>
        customers.AddRefundAsync(context.Message, context.CancellationToken);
}
