namespace Ecom.Algorithms.Recommendation;

/// <summary>Lists from the scores of a model: the same for every method.</summary>
public static class Recommending
{
    /// <summary>The best items for a history, best first, equal scores by ascending item, each with its
    /// reason.</summary>
    /// <param name="model">The model.</param>
    /// <param name="history">What is known of the visitor.</param>
    /// <param name="count">At most so many, at least 0; fewer when fewer have a score above 0.</param>
    /// <param name="exclude">Items never to answer. The history is not excluded by itself: pass it here as
    /// well.</param>
    public static IReadOnlyList<RecommendedItem> Recommend(
        this IRecommender model, History history, int count, ReadOnlySpan<int> exclude)
    {
        ArgumentNullException.ThrowIfNull(model);
        var best = model.Best(history, count, exclude);
        var list = new RecommendedItem[best.Length];
        var contributions = new float[best.Length * history.Length];
        model.ContributionsOfMany(history, Array.ConvertAll(best, one => one.Item), contributions);
        for (var place = 0; place < best.Length; place++)
        {
            var own = contributions.AsSpan(place * history.Length, history.Length);
            list[place] = new RecommendedItem(best[place].Item, best[place].Score, Strongest(history, own));
        }

        return list;
    }

    /// <summary>The items most similar to <paramref name="item"/>, best first, never the item itself.</summary>
    public static IReadOnlyList<ScoredItem> SimilarItems(this IRecommender model, int item, int count)
    {
        ArgumentNullException.ThrowIfNull(model);
        var scores = new float[model.ItemIds.Count];
        model.Similar(item, scores);
        return TopItems.Select(scores, count, floor: 0, exclude: [item]);
    }

    private static int Strongest(History history, ReadOnlySpan<float> contributions)
    {
        var (because, strongest) = (-1, 0f);
        for (var at = 0; at < contributions.Length; at++)
        {
            if (contributions[at] > strongest)
            {
                (because, strongest) = (history.Items[at], contributions[at]);
            }
        }

        return because;
    }
}
