using Ecom.Contracts.Behaviour;
using Ecom.Ingestion.Cleaning;
using Ecom.Ingestion.Envelopes;

namespace Ecom.Ingestion.Vocabulary;

/// <summary>Views, clicks, carts, reviews, searches and recommendation feedback → <see cref="Interaction"/>.</summary>
internal sealed class InteractionMapping(MoneyReader money)
{
    public Mapped Map(Envelope envelope, InteractionKind kind)
    {
        var properties = envelope.Properties;
        var interaction = new Interaction
        {
            EventId = envelope.EventId,
            Kind = kind,
            CustomerId = envelope.CustomerId,
            AnonymousId = envelope.AnonymousId,
            ProductId = IsAboutProduct(kind) ? ProductIds.Read(properties) : null,
            Category = Categories.Clean(properties.Description("category")),
            Quantity = IsCartChange(kind) ? Quantity(properties) : 1,
            Price = IsAboutProduct(kind) ? money.Price(properties, "price", envelope.OccurredAt) : null,
            Rating = kind == InteractionKind.ProductReviewed ? Rating(properties) : null,
            Query = kind == InteractionKind.Searched ? Query(properties) : null,
            PagePath = kind == InteractionKind.PageViewed ? PagePath(envelope) : null,
            RecommendationId = RecommendationId(properties, kind),
            Position = Position(properties),
            Source = envelope.Source,
            OccurredAt = envelope.OccurredAt,
            ReceivedAt = envelope.Receipt.ReceivedAt,
            Backfill = envelope.Backfill,
            PartitionKey = envelope.PartitionKey(),
            TraceParent = envelope.Receipt.TraceParent,
        };
        return new Mapped(kind.ToString(), interaction);
    }

    private static bool IsAboutProduct(InteractionKind kind) => kind is
        InteractionKind.ProductViewed or InteractionKind.ProductClicked or InteractionKind.ProductAdded
        or InteractionKind.ProductRemoved or InteractionKind.ProductWished or InteractionKind.ProductReviewed
        or InteractionKind.RecommendationShown or InteractionKind.RecommendationClicked;

    private static bool IsCartChange(InteractionKind kind) =>
        kind is InteractionKind.ProductAdded or InteractionKind.ProductRemoved;

    private static int Quantity(Fields properties)
    {
        var quantity = properties.Whole("quantity") ?? 1;
        if (quantity <= 0)
        {
            properties.Fail(Reasons.QuantityNotPositive, "quantity");
        }

        return quantity;
    }

    private static double? Rating(Fields properties)
    {
        var rating = properties.Number("rating");
        if (rating is null)
        {
            properties.Fail(Reasons.RatingMissing, "rating");
        }
        else if (rating is < 1 or > 5)
        {
            properties.Fail(Reasons.OutOfRange, "rating", "1 to 5");
        }

        return (double?)rating;
    }

    private static string? Query(Fields properties)
    {
        var query = properties.Description("query");
        if (query is null)
        {
            properties.Fail(Reasons.QueryMissing, "query");
        }

        return query;
    }

    // What follows "?" or "#" is dropped: links in mails carry addresses and tokens there.
    private static string? PagePath(Envelope envelope)
    {
        var path = envelope.Properties.Text("path") ?? envelope.Context.Object("page").Text("path");
        if (path is null)
        {
            return null;
        }

        var end = path.AsSpan().IndexOfAny('?', '#');
        return CleanText.Cut(end < 0 ? path : path[..end], CleanText.LongestDescription);
    }

    private static string? RecommendationId(Fields properties, InteractionKind kind) =>
        kind is InteractionKind.RecommendationShown or InteractionKind.RecommendationClicked
            ? properties.RequiredId("recommendation_id", Reasons.RecommendationIdMissing)
            : properties.Id("recommendation_id");

    private static int? Position(Fields properties)
    {
        var position = properties.Whole("position");
        if (position is < 0)
        {
            properties.Fail(Reasons.OutOfRange, "position", "0 or more");
        }

        return position;
    }
}
