using Ecom.Contracts.Catalogue;
using Ecom.Training.Storage;
using MassTransit;

namespace Ecom.Training.Consumers;

/// <summary>Keeps what products are, for models of content. Idempotent: the highest version wins.</summary>
internal sealed class ProductChangedConsumer(CatalogueStore catalogue) : IConsumer<ProductChanged>
{
    public Task Consume(ConsumeContext<ProductChanged> context) =>
        catalogue.UpsertAsync(context.Message, context.CancellationToken);
}
