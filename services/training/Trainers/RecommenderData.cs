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

    /// <summary>Told what a long fit is at; null if nobody listens.</summary>
    public Action<string>? OnStage { get; init; }

    public static RecommenderData Of(InteractionHistory history) => new()
    {
        Matrix = ToMatrix(history.Events, history.Customers, history.Products.Count, one => one.Weight),
        Events = history.Events,
        Customers = history.Customers,
        Products = history.Products,
    };

    /// <summary>The events added up, each with a weight of the caller's.</summary>
    public Interactions Weigh(Func<TimedInteraction, float> weight) =>
        ToMatrix(Events, Customers, Products.Count, weight);

    /// <summary>With histories in time order.</summary>
    public TrainingSet ToTrainingSet() => new(
        Matrix,
        HistorySet.InOrder(Customers, [.. Events.Select(one => (one.User, one.Item, one.Weight))]),
        Products);

    private static Interactions ToMatrix(
        IReadOnlyList<TimedInteraction> events, int customers, int products, Func<TimedInteraction, float> weight) =>
        Interactions.Create(
            customers,
            products,
            events.Select(one => one.User).ToArray(),
            events.Select(one => one.Item).ToArray(),
            events.Select(weight).ToArray());
}
