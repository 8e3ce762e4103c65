namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>What recommenders are fitted on.</summary>
/// <param name="Matrix">Users × items.</param>
/// <param name="Histories">The same users' items, in time order where it is known.</param>
/// <param name="ItemIds">Id of each item.</param>
public sealed record TrainingSet(Interactions Matrix, HistorySet Histories, IReadOnlyList<string> ItemIds)
{
    /// <summary>Data that knows no time.</summary>
    public static TrainingSet Of(Interactions matrix, IReadOnlyList<string> itemIds) =>
        new(matrix, HistorySet.Of(matrix), itemIds);
}
