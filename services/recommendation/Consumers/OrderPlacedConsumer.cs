using Ecom.Contracts.Orders;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers what was bought, so that it is not recommended again and tells what goes together.</summary>
[Gathered]
internal sealed class OrderPlacedConsumer(VisitorStore visitors, OutcomeStore outcomes, Reactions reactions)
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
        var visitor = Visitor.Of(order.CustomerId, order.AnonymousId);
        var touches = visitor is null
            ? []
            : order.Lines
                .Select(line => new ProductTouch(visitor, line.ProductId, TouchKind.Bought, order.PlacedAt))
                .ToArray();
        await outcomes.RecordAsync(OutcomeEvent.Of(order), context.CancellationToken);
        var basket = new Basket(day, [.. order.Lines.Select(line => line.ProductId).Distinct(StringComparer.Ordinal)]);
        await visitors.RecordAsync(InboxEntry.Of(context), touches, days, basket, context.CancellationToken);

        // Before the message is acknowledged, and of a redelivered one too: what is bought is gone from every answer.
        if (visitor is not null)
        {
            await reactions.ApplyAsync([visitor], context.CancellationToken);
        }
    }
}
