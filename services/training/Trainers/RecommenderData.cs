using Ecom.Algorithms.Evaluation;
using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;
using Ecom.Training.Data;

namespace Ecom.Training.Trainers;

/// <summary>What a recommender is fitted on.</summary>
internal sealed record RecommenderData
{
    /// <summary>Customers × products.</summary>
    public required Interactions Matrix { get; init; }

    /// <summary>The same, with times, ascending.</summary>
    public required IReadOnlyList<TimedInteraction> Events { get; init; }

    /// <summary>Number of customers.</summary>
    public required int Customers { get; init; }

    /// <summary>Id of each product.</summary>
    public required IReadOnlyList<string> Products { get; init; }

    /// <summary>Products × what they are; null if nothing is known of them.</summary>
    public Interactions? Attributes { get; init; }

    /// <summary>Kinds of behaviour; their places are the kinds of <see cref="Events"/>.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>Told what a long fit is at; null if nobody listens.</summary>
    public Action<string>? OnStage { get; init; }

    public static RecommenderData Of(InteractionHistory history) => new()
    {
        Matrix = ToMatrix(history.Events, history.Customers, history.Products.Count, one => one.Weight),
        Events = history.Events,
        Customers = history.Customers,
        Products = history.Products,
        Attributes = history.Attributes,
        Kinds = history.Kinds,
    };

    /// <summary>The same with what each kind of event counts; null leaves what the feature store sends.</summary>
    /// <remarks>Within a kind events keep their proportion: a review of one star is a fifth of one of five.</remarks>
    public RecommenderData With(IReadOnlyDictionary<string, double>? weights)
    {
        if (weights is null)
        {
            return this;
        }

        var most = Events.GroupBy(one => one.Kind)
            .ToDictionary(kind => kind.Key, kind => Math.Max(float.Epsilon, kind.Max(one => one.Weight)));
        var factors = Kinds.Select((kind, at) =>
            (float)weights.GetValueOrDefault(kind) / most.GetValueOrDefault(at, 1)).ToArray();
        TimedInteraction[] events =
        [
            .. Events.Select(one => one with { Weight = one.Weight * factors[one.Kind] }).Where(one => one.Weight > 0),
        ];
        return this with
        {
            Events = events,
            Matrix = ToMatrix(events, Customers, Products.Count, one => one.Weight),
        };
    }

    /// <summary>The events added up, each with a weight of the caller's.</summary>
    public Interactions Weigh(Func<TimedInteraction, float> weight) =>
        ToMatrix(Events, Customers, Products.Count, weight);

    /// <summary>With histories in time order.</summary>
    public TrainingSet ToTrainingSet() => new(
        Matrix,
        HistorySet.InOrder(Customers, [.. Events.Select(one => (one.User, one.Item, one.Weight))]),
        Products)
    {
        Attributes = Attributes,
    };

    /// <summary>The events added up.</summary>
    public static Interactions ToMatrix(
        IReadOnlyList<TimedInteraction> events, int customers, int products, Func<TimedInteraction, float> weight) =>
        Interactions.Create(
            customers,
            products,
            events.Select(one => one.User).ToArray(),
            events.Select(one => one.Item).ToArray(),
            events.Select(weight).ToArray());
}
