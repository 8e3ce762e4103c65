namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>What recommenders are fitted on.</summary>
/// <param name="Matrix">Users × items; with several kinds of behaviour as many columns for each of them, the first
/// kind first.</param>
/// <param name="Histories">The same users' columns, in time order where it is known.</param>
/// <param name="ItemIds">Id of each item.</param>
public sealed record TrainingSet(Interactions Matrix, HistorySet Histories, IReadOnlyList<string> ItemIds)
{
    /// <summary>Names of the kinds of behaviour; the first is the one that is foretold. Default one kind.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = ["buy"];

    /// <summary>Items × what they are (brand, category, words…): how much an item has of each attribute. Null if
    /// nothing is known of them.</summary>
    public Interactions? Attributes { get; init; }

    /// <summary>Data that knows no time.</summary>
    public static TrainingSet Of(Interactions matrix, IReadOnlyList<string> itemIds) =>
        new(matrix, HistorySet.Of(matrix), itemIds);

    /// <summary>The same data with all kinds of behaviour as one.</summary>
    /// <param name="weights">What one event of each kind counts; 0 leaves the kind out.</param>
    /// <param name="isApart">Whether each kind keeps columns of its own; else an item's kinds add up.</param>
    internal TrainingSet Weighed(IReadOnlyList<float> weights, bool isApart)
    {
        var items = ItemIds.Count;
        var (users, columns, values) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < Matrix.UserCount; user++)
        {
            for (var entry = Matrix.Starts[user]; entry < Matrix.Starts[user + 1]; entry++)
            {
                var (kind, item) = Math.DivRem(Matrix.Items[entry], items);
                if (weights[kind] > 0)
                {
                    users.Add(user);
                    columns.Add(isApart ? Matrix.Items[entry] : item);
                    values.Add(Matrix.Weights[entry] * weights[kind]);
                }
            }
        }

        return Of(
            Interactions.Create(
                Matrix.UserCount, isApart ? items * Kinds.Count : items, [.. users], [.. columns], [.. values]),
            isApart ? BehaviourModel.ColumnIds(ItemIds, Kinds.Count) : ItemIds) with
        {
            Attributes = isApart ? null : Attributes,
        };
    }

    /// <summary>Sizes that say what a fit takes, all kinds added up.</summary>
    internal DataShape Shape() => DataShape.Of(
        Kinds.Count == 1 ? Matrix : Weighed([.. Enumerable.Repeat(1f, Kinds.Count)], isApart: false).Matrix);

    /// <summary>What was done in the kind that is foretold.</summary>
    internal Interactions Foretold() => Kinds.Count == 1
        ? Matrix
        : Weighed([1, .. Enumerable.Repeat(0f, Kinds.Count - 1)], isApart: false).Matrix;
}
