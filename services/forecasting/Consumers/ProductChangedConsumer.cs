using Ecom.Contracts.Catalogue;
using Ecom.Forecasting.Storage;
using MassTransit;

namespace Ecom.Forecasting.Consumers;

/// <summary>Keeps name and stock. Idempotent: the highest version wins.</summary>
internal sealed class ProductChangedConsumer(StockStore stock) : IConsumer<ProductChanged>
{
    public Task Consume(ConsumeContext<ProductChanged> context) =>
        stock.UpsertAsync(context.Message, context.CancellationToken);
}
