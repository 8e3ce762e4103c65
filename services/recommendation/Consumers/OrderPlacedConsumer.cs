using Ecom.Contracts.Orders;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers what was bought, so that it is not recommended again and tells what goes together.</summary>
[Gathered]
internal sealed class OrderPlacedConsumer(VisitorStore visitors, OutcomeStore outcomes, ListStore lists)
    : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var order = context.Message;
        if (order.Source.IsBot)
        {
            return;
        }

        var day = DateOnly.FromDateTime(order.PlacedAt.UtcDateTime);
        var days = order.Lines.Select(line => new ProductDay(line.ProductId, day) { Orders = 1 }).ToArray();
        var touches = Visitor.Of(order.CustomerId, order.AnonymousId) is { } visitor
            ? order.Lines
                .Select(line => new ProductTouch(visitor, line.ProductId, Bought: true, order.PlacedAt))
                .ToArray()
            : [];

        // Redis first: repeating it changes nothing, whereas after the inbox a crash would leave it out for ever.
        if (order.CustomerId is { } customer)
        {
            await lists.AddBoughtAsync([.. order.Lines.Select(line => (customer, line.ProductId))]);
        }

        await outcomes.RecordAsync(OutcomeEvent.Of(order), context.CancellationToken);
        await visitors.RecordAsync(InboxEntry.Of(context), touches, days, context.CancellationToken);
    }
}
