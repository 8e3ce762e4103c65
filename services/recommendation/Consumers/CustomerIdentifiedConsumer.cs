using Ecom.Contracts.Customers;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Hands a browser's history, cart and what it hid over to the customer it turned out to be.</summary>
internal sealed class CustomerIdentifiedConsumer(VisitorStore visitors, Reactions reactions)
    : IConsumer<CustomerIdentified>
{
    public async Task Consume(ConsumeContext<CustomerIdentified> context)
    {
        var identified = context.Message;
        if (identified.AnonymousId is not { } anonymousId)
        {
            return;
        }

        await visitors.LinkAsync(
            InboxEntry.Of(context), identified.CustomerId, anonymousId, context.CancellationToken);

        // Of a redelivered message too: it may have been interrupted here.
        await reactions.ApplyAsync(
            [Visitor.Customer(identified.CustomerId), Visitor.Anonymous(anonymousId)], context.CancellationToken);
    }
}
