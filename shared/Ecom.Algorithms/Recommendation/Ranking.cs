namespace Ecom.Algorithms.Recommendation;

/// <summary>Lists for many users at once.</summary>
public static class Ranking
{
    private const int BatchSize = 16;

    /// <summary>What is done with the scores of one user.</summary>
    /// <param name="at">Place of the user among those that were asked for.</param>
    /// <param name="scores">One score an item; valid until the call returns.</param>
    internal delegate void UseScores(int at, ReadOnlySpan<float> scores);

    /// <summary>The best items of every user, best first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="histories">What is known of users.</param>
    /// <param name="users">Who gets a list.</param>
    /// <param name="excluded">Row u: items that are never recommended to user u.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="threads">Threads; they never change the result.</param>
    /// <param name="cancellation">Stops.</param>
    public static int[][] All(
        IRecommender model,
        HistorySet histories,
        IReadOnlyList<int> users,
        Interactions excluded,
        int count,
        int threads,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(excluded);
        var lists = new int[users.Count][];
        void Select(int at, ReadOnlySpan<float> scores) => lists[at] = Array.ConvertAll(
            TopItems.Select(scores, count, floor: 0, excluded.ItemsOf(users[at])), one => one.Item);

        ForBatches(model, histories, users, threads, Select, cancellation);
        return lists;
    }

    /// <summary>The same, re-ranked for diversity: see <see cref="Diversity"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="histories">What is known of users.</param>
    /// <param name="users">Who gets a list.</param>
    /// <param name="excluded">Row u: items that are never recommended to user u.</param>
    /// <param name="isPopular">One entry an item.</param>
    /// <param name="strength">0 to 1.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="threads">Threads; they never change the result.</param>
    /// <param name="cancellation">Stops.</param>
    public static int[][] AllDiverse(
        IRecommender model,
        HistorySet histories,
        IReadOnlyList<int> users,
        Interactions excluded,
        bool[] isPopular,
        double strength,
        int count,
        int threads,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(excluded);
        var lists = new int[users.Count][];
        void Select(int at, ReadOnlySpan<float> scores)
        {
            var pool = TopItems.Select(scores, Diversity.Pool, floor: 0, excluded.ItemsOf(users[at]));
            lists[at] = Diversity.Rank(pool, isPopular, strength, count);
        }

        ForBatches(model, histories, users, threads, Select, cancellation);
        return lists;
    }

    internal static void ForBatches(
        IRecommender model,
        HistorySet histories,
        IReadOnlyList<int> users,
        int threads,
        UseScores use,
        CancellationToken cancellation)
    {
        var items = model.ItemIds.Count;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        var batches = (users.Count + BatchSize - 1) / BatchSize;
        Parallel.For(0, batches, parallel, () => new float[BatchSize * items], (batch, _, scores) =>
        {
            var first = batch * BatchSize;
            int[] some = [.. users.Skip(first).Take(BatchSize)];
            model.ScoreMany(histories, some, scores.AsSpan(0, some.Length * items));
            for (var at = 0; at < some.Length; at++)
            {
                use(first + at, scores.AsSpan(at * items, items));
            }

            return scores;
        }, _ => { });
    }
}
