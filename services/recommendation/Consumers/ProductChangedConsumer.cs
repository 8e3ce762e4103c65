using Ecom.Contracts.Catalogue;
using Ecom.Recommendation.Storage;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Keeps name, category, stock and whether a product is sold. Idempotent: the highest version wins.</summary>
internal sealed class ProductChangedConsumer(CatalogueStore catalogue) : IConsumer<ProductChanged>
{
    public Task Consume(ConsumeContext<ProductChanged> context) =>
        catalogue.UpsertAsync(context.Message, context.CancellationToken);
}
