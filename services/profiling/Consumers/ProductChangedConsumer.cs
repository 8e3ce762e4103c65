using Ecom.Contracts.Catalogue;
using Ecom.Profiling.Storage;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Keeps the product's name for rules. Idempotent: the highest version wins.</summary>
internal sealed class ProductChangedConsumer(RuleStore rules) : IConsumer<ProductChanged>
{
    public Task Consume(ConsumeContext<ProductChanged> context) =>
        rules.NameProductAsync(context.Message, context.CancellationToken);
}
