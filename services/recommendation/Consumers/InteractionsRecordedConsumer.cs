using Ecom.Contracts.Behaviour;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers what visitors looked at: their session, their history, and the products' popularity.</summary>
[Gathered]
internal sealed class InteractionsRecordedConsumer(VisitorStore visitors, OutcomeStore outcomes)
    : IConsumer<InteractionsRecorded>
{
    public async Task Consume(ConsumeContext<InteractionsRecorded> context)
    {
        var interactions = context.Message.Interactions.Where(Counts).ToArray();
        using var spans = EventSpans.Start(
            Telemetry.Source, "process interactions-recorded", interactions.Select(item => item.TraceParent));

        var touches = interactions
            .Select(item => new ProductTouch(
                Visitor.Of(item.CustomerId, item.AnonymousId)!, item.ProductId!, Bought: false, item.OccurredAt))
            .ToArray();
        var days = interactions.Select(ToDay).ToArray();
        await outcomes.RecordAsync(OutcomeEvent.Of(context.Message), context.CancellationToken);
        await visitors.RecordAsync(InboxEntry.Of(context), touches, days, context.CancellationToken);
    }

    private static bool Counts(Interaction item) =>
        item.ProductId is not null
        && !item.Source.IsBot
        && (item.CustomerId ?? item.AnonymousId) is not null
        && item.Kind is InteractionKind.ProductViewed
            or InteractionKind.ProductClicked
            or InteractionKind.ProductAdded
            or InteractionKind.ProductWished
            or InteractionKind.ProductReviewed
            or InteractionKind.RecommendationClicked;

    private static ProductDay ToDay(Interaction item)
    {
        var day = new ProductDay(item.ProductId!, DateOnly.FromDateTime(item.OccurredAt.UtcDateTime));
        return item.Kind == InteractionKind.ProductAdded ? day with { Carts = 1 } : day with { Views = 1 };
    }
}
