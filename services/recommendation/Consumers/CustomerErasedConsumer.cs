using Ecom.Contracts.Customers;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>
/// Forgets a customer: history, purchases, lists. Idempotent: deleting again deletes nothing.
/// </summary>
internal sealed class CustomerErasedConsumer(
    VisitorStore visitors,
    OutcomeStore outcomes,
    ExposureStore exposures,
    SampleStore samples,
    ListStore lists,
    GenerationStore generations)
    : IConsumer<CustomerErased>
{
    private const int KeptGenerations = 20;

    public async Task Consume(ConsumeContext<CustomerErased> context)
    {
        var customer = context.Message.CustomerId;
        var gone = await visitors.EraseAsync(
            InboxEntry.Of(context), customer, context.Message.AnonymousIds, context.CancellationToken);
        await outcomes.EraseAsync(gone, context.CancellationToken);
        await exposures.EraseAsync(gone, context.CancellationToken);
        await samples.EraseAsync(gone, context.CancellationToken);
        var known = await generations.ReadAllAsync(KeptGenerations, context.CancellationToken);
        await lists.EraseAsync(gone, known.Select(generation => generation.Number));
    }
}
