using Ecom.Algorithms.Recommendation;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Algorithms.Evaluation;

/// <summary>Quality of a recommender on held-out interactions.</summary>
public sealed record RankingReport
{
    /// <summary>Places of each list that counted.</summary>
    public required int K { get; init; }

    /// <summary>Users with test items, ascending; the arrays below have one entry for each.</summary>
    public required int[] Users { get; init; }

    /// <summary>NDCG@k of each user, in [0, 1].</summary>
    public required double[] NdcgByUser { get; init; }

    /// <summary>Mean NDCG@k; 0 without users.</summary>
    public required double Ndcg { get; init; }

    /// <summary>Mean hit rate@k; 0 without users.</summary>
    public required double HitRate { get; init; }

    /// <summary>Mean recall@k; 0 without users.</summary>
    public required double Recall { get; init; }

    /// <summary>Share of all items that stand in at least one of the lists, in [0, 1].</summary>
    public required double Coverage { get; init; }
}

/// <summary>Full-ranking evaluation: all items are ranked for each user, training items excluded, no sampled
/// negatives.</summary>
/// <remarks>
/// Protocol: binary relevance, ideal DCG cut at min(k, test items), mean over users with test items. Why no sampling:
/// Krichene and Rendle, "On sampled metrics for item recommendation", KDD 2020. Deterministic.
/// </remarks>
public static class RankingEvaluation
{
    /// <summary>Ranks for every user with test items and measures the first k places.</summary>
    /// <param name="recommender">The model; its items are the columns of both matrices.</param>
    /// <param name="train">What the model may know of each user.</param>
    /// <param name="test">What each user did afterwards.</param>
    /// <param name="k">Places that count, at least 1.</param>
    /// <param name="threads">Threads, at least 1; it never changes the result.</param>
    /// <param name="excluded">What each user is never recommended; null for all of <paramref name="train"/>.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static RankingReport Evaluate(
        IRecommender recommender,
        TrainingSet train,
        Interactions test,
        int k,
        int threads,
        Interactions? excluded = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recommender);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (train.Matrix.UserCount != test.UserCount || train.Matrix.ItemCount != test.ItemCount)
        {
            throw new ArgumentException("Train and test must have the same users and items.", nameof(test));
        }

        var users = Enumerable.Range(0, test.UserCount).Where(user => test.ItemsOf(user).Length > 0).ToArray();
        var lists = Ranking.All(
            recommender, train.Histories, users, excluded ?? train.Matrix, k, threads, cancellation);
        return Measure(users, lists, test, k);
    }

    private static RankingReport Measure(int[] users, int[][] lists, Interactions test, int k)
    {
        var ndcg = new double[users.Length];
        var (hits, recall) = (0.0, 0.0);
        var covered = new HashSet<int>();
        for (var at = 0; at < users.Length; at++)
        {
            HashSet<int> relevant = [.. test.ItemsOf(users[at])];
            ndcg[at] = RankingMetrics.Ndcg(lists[at], relevant, k);
            hits += RankingMetrics.HitRate(lists[at], relevant, k);
            recall += RankingMetrics.Recall(lists[at], relevant, k);
            covered.UnionWith(lists[at]);
        }

        var count = Math.Max(1, users.Length);
        return new RankingReport
        {
            K = k,
            Users = users,
            NdcgByUser = ndcg,
            Ndcg = ndcg.Sum() / count,
            HitRate = hits / count,
            Recall = recall / count,
            Coverage = (double)covered.Count / Math.Max(1, test.ItemCount),
        };
    }
}
