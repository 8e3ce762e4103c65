namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="ItemCosineSimilarity"/>.</summary>
public sealed record ItemCosineOptions
{
    /// <summary>Neighbours kept for each item, at least 1. Default 50.</summary>
    public int Neighbours { get; init; } = 50;

    /// <summary>Added to the denominator; damps similarities that rest on few users. 0 is off. Default 1.</summary>
    public double Shrinkage { get; init; } = 1;

    /// <summary>Threads to fit with; it never changes the result. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>Item-to-item collaborative filtering: cosine similarity of the weights that users gave to two
/// items.</summary>
/// <remarks>
/// <para>Source: Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001.</para>
/// <para>Score of item j for a history H: the sum over h in H of sim(h, j), j among the neighbours of h.</para>
/// <para>Cost: fit O(Σ d²) for users with d items; memory items × neighbours × 8 bytes; score O(|H| ·
/// neighbours).</para>
/// <para>Deterministic, whatever the number of threads: each row is computed by itself, in a fixed order.</para>
/// </remarks>
public sealed class ItemCosineSimilarity : IRecommender
{
    internal const string KindName = "item-knn";

    private readonly string[] _itemIds;
    private readonly int[] _starts;
    private readonly int[] _neighbours;
    private readonly float[] _similarities;

    private ItemCosineSimilarity(string[] itemIds, int[] starts, int[] neighbours, float[] similarities)
    {
        _itemIds = itemIds;
        _starts = starts;
        _neighbours = neighbours;
        _similarities = similarities;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Computes the neighbours of every item.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static ItemCosineSimilarity Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        ItemCosineOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Shrinkage, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);

        var byItem = interactions.Transpose();
        var norms = Norms(byItem);
        var rows = new ScoredItem[ids.Length][];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Threads),
            CancellationToken = cancellation,
        };
        Parallel.For(0, ids.Length, parallel, () => new float[ids.Length], (item, _, scratch) =>
        {
            rows[item] = Nearest(item, interactions, byItem, norms, options, scratch);
            return scratch;
        }, _ => { });
        return Pack(ids, rows);
    }

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<int> history, Span<float> scores)
    {
        scores.Clear();
        foreach (var item in History.Distinct(history, _itemIds.Length))
        {
            for (var at = _starts[item]; at < _starts[item + 1]; at++)
            {
                scores[_neighbours[at]] += _similarities[at];
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RecommendedItem> Recommend(ReadOnlySpan<int> history, int count, ReadOnlySpan<int> exclude)
    {
        var items = History.Distinct(history, _itemIds.Length);
        var scores = new float[_itemIds.Length];
        Score(items, scores);
        var best = TopItems.Select(scores, count, floor: 0, exclude);
        return Array.ConvertAll(best, one => new RecommendedItem(one.Item, one.Score, StrongestFor(one.Item, items)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoredItem> SimilarItems(int item, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var length = Math.Min(count, _starts[item + 1] - _starts[item]);
        var similar = new ScoredItem[length];
        for (var place = 0; place < length; place++)
        {
            var at = _starts[item] + place;
            similar[place] = new ScoredItem(_neighbours[at], _similarities[at]);
        }

        return similar;
    }

    /// <inheritdoc/>
    public void Write(Stream stream)
    {
        using var writer = RecommenderFormat.Begin(stream, this);
        RecommenderFormat.WriteArray<int>(writer, _starts);
        RecommenderFormat.WriteArray<int>(writer, _neighbours);
        RecommenderFormat.WriteArray<float>(writer, _similarities);
    }

    internal static ItemCosineSimilarity ReadBody(BinaryReader reader, string[] itemIds)
    {
        var starts = RecommenderFormat.ReadArray<int>(reader, itemIds.Length + 1L);
        var neighbours = RecommenderFormat.ReadArray<int>(reader, starts[^1]);
        var similarities = RecommenderFormat.ReadArray<float>(reader, starts[^1]);
        return new ItemCosineSimilarity(itemIds, starts, neighbours, similarities);
    }

    private static double[] Norms(Interactions byItem)
    {
        var norms = new double[byItem.UserCount];
        for (var item = 0; item < norms.Length; item++)
        {
            var sum = 0.0;
            foreach (var weight in byItem.WeightsOf(item))
            {
                sum += (double)weight * weight;
            }

            norms[item] = Math.Sqrt(sum);
        }

        return norms;
    }

    // `products` is all zero on entry and on return.
    private static ScoredItem[] Nearest(
        int item,
        Interactions interactions,
        Interactions byItem,
        double[] norms,
        ItemCosineOptions options,
        float[] products)
    {
        var users = byItem.ItemsOf(item);
        var weights = byItem.WeightsOf(item);
        for (var u = 0; u < users.Length; u++)
        {
            var items = interactions.ItemsOf(users[u]);
            var others = interactions.WeightsOf(users[u]);
            for (var other = 0; other < items.Length; other++)
            {
                products[items[other]] += weights[u] * others[other];
            }
        }

        products[item] = 0;
        for (var other = 0; other < products.Length; other++)
        {
            if (products[other] > 0)
            {
                products[other] = (float)(products[other] / ((norms[item] * norms[other]) + options.Shrinkage));
            }
        }

        var nearest = TopItems.Select(products, options.Neighbours, floor: 0, exclude: []);
        Array.Clear(products);
        return nearest;
    }

    private static ItemCosineSimilarity Pack(string[] ids, ScoredItem[][] rows)
    {
        var starts = new int[rows.Length + 1];
        for (var item = 0; item < rows.Length; item++)
        {
            starts[item + 1] = checked(starts[item] + rows[item].Length);
        }

        var neighbours = new int[starts[^1]];
        var similarities = new float[starts[^1]];
        for (var item = 0; item < rows.Length; item++)
        {
            for (var place = 0; place < rows[item].Length; place++)
            {
                neighbours[starts[item] + place] = rows[item][place].Item;
                similarities[starts[item] + place] = rows[item][place].Score;
            }
        }

        return new ItemCosineSimilarity(ids, starts, neighbours, similarities);
    }

    private int StrongestFor(int recommended, int[] history)
    {
        var (because, strongest) = (-1, 0f);
        foreach (var item in history)
        {
            var row = _neighbours.AsSpan(_starts[item], _starts[item + 1] - _starts[item]);
            var place = row.IndexOf(recommended);
            if (place >= 0 && _similarities[_starts[item] + place] > strongest)
            {
                (because, strongest) = (item, _similarities[_starts[item] + place]);
            }
        }

        return because;
    }
}
