using Ecom.Contracts.Behaviour;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers what visitors looked at and carry, and the products' popularity.</summary>
[Gathered]
internal sealed class InteractionsRecordedConsumer(
    VisitorStore visitors, OutcomeStore outcomes, Reactions reactions)
    : IConsumer<InteractionsRecorded>
{
    public async Task Consume(ConsumeContext<InteractionsRecorded> context)
    {
        var interactions = context.Message.Interactions.Where(Counts).ToArray();
        using var spans = EventSpans.Start(
            Telemetry.Source, "process interactions-recorded", interactions.Select(item => item.TraceParent));

        var touches = interactions
            .Select(item => new ProductTouch(
                Visitor.Of(item.CustomerId, item.AnonymousId)!, item.ProductId!, KindOf(item), item.OccurredAt))
            .ToArray();
        var days = interactions.Where(item => item.Kind != InteractionKind.ProductRemoved).Select(ToDay).ToArray();
        await outcomes.RecordAsync(OutcomeEvent.Of(context.Message), context.CancellationToken);
        await visitors.RecordAsync(InboxEntry.Of(context), touches, days, basket: null, context.CancellationToken);

        // Carts before the message is acknowledged; lists may follow a little later.
        var carried = touches.Where(touch => touch.IsOfCart).Select(touch => touch.Visitor).ToHashSet();
        if (carried.Count > 0)
        {
            await reactions.ApplyAsync(carried, context.CancellationToken);
        }

        reactions.Touch(touches.Select(touch => touch.Visitor).Where(visitor => !carried.Contains(visitor)));
    }

    private static bool Counts(Interaction item) =>
        item.ProductId is not null
        && !item.Source.IsBot
        && (item.CustomerId ?? item.AnonymousId) is not null
        && item.Kind is InteractionKind.ProductViewed
            or InteractionKind.ProductClicked
            or InteractionKind.ProductAdded
            or InteractionKind.ProductRemoved
            or InteractionKind.ProductWished
            or InteractionKind.ProductReviewed
            or InteractionKind.RecommendationClicked;

    private static TouchKind KindOf(Interaction item) => item.Kind switch
    {
        InteractionKind.ProductAdded => TouchKind.Added,
        InteractionKind.ProductRemoved => TouchKind.Removed,
        InteractionKind.ProductWished => TouchKind.Wished,
        _ => TouchKind.Seen,
    };

    private static ProductDay ToDay(Interaction item)
    {
        var day = new ProductDay(item.ProductId!, DateOnly.FromDateTime(item.OccurredAt.UtcDateTime));
        return item.Kind == InteractionKind.ProductAdded ? day with { Carts = 1 } : day with { Views = 1 };
    }
}
