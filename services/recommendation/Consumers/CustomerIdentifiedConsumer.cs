using Ecom.Contracts.Customers;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Hands a browser's history and session over to the customer it turned out to be.</summary>
internal sealed class CustomerIdentifiedConsumer(VisitorStore visitors, ListStore lists) : IConsumer<CustomerIdentified>
{
    public async Task Consume(ConsumeContext<CustomerIdentified> context)
    {
        var identified = context.Message;
        if (identified.AnonymousId is not { } anonymousId)
        {
            return;
        }

        var moved = await visitors.LinkAsync(
            InboxEntry.Of(context), identified.CustomerId, anonymousId, context.CancellationToken);
        await lists.TouchSessionAsync(moved);
        await lists.AddBoughtAsync(
            [.. moved.Where(touch => touch.Bought).Select(touch => (identified.CustomerId, touch.ProductId))]);
    }
}
