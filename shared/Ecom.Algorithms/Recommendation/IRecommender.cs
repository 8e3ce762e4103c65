namespace Ecom.Algorithms.Recommendation;

/// <summary>A trained model that ranks items for whoever has a history of items, known or anonymous.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Items are indexes into <see cref="ItemIds"/>. In a history an item that is
/// repeated counts once, and the order does not matter.
/// </remarks>
public interface IRecommender
{
    /// <summary>Name of the method, for example <c>als</c>; it is written into the artefact.</summary>
    string Kind { get; }

    /// <summary>The ids of the items that the model knows; their positions are the item indexes.</summary>
    IReadOnlyList<string> ItemIds { get; }

    /// <summary>Scores every item for a history.</summary>
    /// <param name="history">Items, each in [0, items).</param>
    /// <param name="scores">Filled with one score an item; its length is the number of items.</param>
    void Score(ReadOnlySpan<int> history, Span<float> scores);

    /// <summary>The best items for a history, best first, equal scores by ascending item.</summary>
    /// <param name="history">Items, each in [0, items). Empty gives an empty answer from a personal model.</param>
    /// <param name="count">At most so many, at least 0.</param>
    /// <param name="exclude">Items never to answer. The history is not excluded by itself: pass it here as
    /// well.</param>
    IReadOnlyList<RecommendedItem> Recommend(ReadOnlySpan<int> history, int count, ReadOnlySpan<int> exclude);

    /// <summary>The items most similar to <paramref name="item"/>, best first, never the item itself.</summary>
    IReadOnlyList<ScoredItem> SimilarItems(int item, int count);

    /// <summary>Writes the model, item ids included, so that <see cref="RecommenderFormat.Read"/> restores
    /// it.</summary>
    void Write(Stream stream);
}
