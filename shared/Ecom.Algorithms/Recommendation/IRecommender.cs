namespace Ecom.Algorithms.Recommendation;

/// <summary>A trained model that scores items for whoever has a history of items, known or anonymous.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Items are indexes into <see cref="ItemIds"/>. An item with a score of 0 or
/// less is not recommended: the model has nothing that speaks for it. Lists are made by
/// <see cref="Recommending"/>.
/// </remarks>
public interface IRecommender
{
    /// <summary>Name of the method, for example <c>als</c>; it is written into the artefact.</summary>
    string Kind { get; }

    /// <summary>The ids of the items that the model knows; their positions are the item indexes.</summary>
    IReadOnlyList<string> ItemIds { get; }

    /// <summary>Scores every item for a history.</summary>
    /// <param name="history">Items, each in [0, items). Empty gives zeros from a personal model.</param>
    /// <param name="scores">Filled with one score an item; its length is the number of items.</param>
    /// <exception cref="ArgumentOutOfRangeException">The history holds an unknown item.</exception>
    void Score(History history, Span<float> scores);

    /// <summary>Scores every item for several users: the same numbers up to rounding, at a fraction of the cost for
    /// models of vectors.</summary>
    /// <param name="histories">What is known of users.</param>
    /// <param name="users">Which of them.</param>
    /// <param name="scores">One row of scores a user.</param>
    void ScoreMany(HistorySet histories, ReadOnlySpan<int> users, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var items = ItemIds.Count;
        for (var at = 0; at < users.Length; at++)
        {
            Score(histories.Of(users[at]), scores.Slice(at * items, items));
        }
    }

    /// <summary>The items with the best scores: what <see cref="Score"/> and a selection give, in less time where a
    /// model knows a shorter way.</summary>
    /// <param name="history">Items, each in [0, items).</param>
    /// <param name="count">At most so many, at least 0; fewer when fewer have a score above 0.</param>
    /// <param name="exclude">Items never to answer; the history is not excluded by itself.</param>
    /// <returns>Best first, equal scores by ascending item.</returns>
    ScoredItem[] Best(History history, int count, ReadOnlySpan<int> exclude) =>
        TopItems.Of(this, history, count, exclude);

    /// <summary>What each item of the history adds to the score of one item: the reason for it.</summary>
    /// <param name="history">Items, each in [0, items).</param>
    /// <param name="item">The item that is to be explained.</param>
    /// <param name="contributions">Filled with one value a history item; a linear model's add up to the
    /// score.</param>
    void Contributions(History history, int item, Span<float> contributions);

    /// <summary>The same for several items at once: what they have in common is computed once.</summary>
    /// <param name="history">Items, each in [0, items).</param>
    /// <param name="items">The items that are to be explained.</param>
    /// <param name="contributions">One row of history items for each of them.</param>
    void ContributionsOfMany(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        for (var at = 0; at < items.Length; at++)
        {
            Contributions(history, items[at], contributions.Slice(at * history.Length, history.Length));
        }
    }

    /// <summary>How similar every item is to one.</summary>
    /// <param name="item">The item, in [0, items).</param>
    /// <param name="scores">Filled with one similarity an item; 0 or less is not similar.</param>
    void Similar(int item, Span<float> scores);

    /// <summary>Writes what <see cref="RecommenderFormat"/> needs beside kind and ids to restore the model.</summary>
    void WriteBody(BinaryWriter writer);
}
