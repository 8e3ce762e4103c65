namespace Ecom.Algorithms.Recommendation;

/// <summary>A sparse matrix of item-to-item weights as a recommender: what neighbourhood methods learn.</summary>
/// <remarks>
/// <para>Score of item j for a history H: the sum over h in H of weight(h) · sim(h, j), j among the neighbours of h.
/// Made by <see cref="ItemNeighbours"/> and <see cref="RandomWalk"/>.</para>
/// <para>Memory: items × neighbours × 8 bytes. Score O(|H| · neighbours).</para>
/// </remarks>
public sealed class ItemSimilarity : IRecommender
{
    private readonly string[] _itemIds;
    private readonly int[] _starts;
    private readonly int[] _neighbours;
    private readonly float[] _similarities;

    private ItemSimilarity(string kind, string[] itemIds, int[] starts, int[] neighbours, float[] similarities)
    {
        Kind = kind;
        _itemIds = itemIds;
        _starts = starts;
        _neighbours = neighbours;
        _similarities = similarities;
    }

    /// <summary>The method that made the weights.</summary>
    public string Kind { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        for (var at = 0; at < history.Length; at++)
        {
            var weight = history.Weights[at];
            var (from, to) = (_starts[history.Items[at]], _starts[history.Items[at] + 1]);
            for (var entry = from; entry < to; entry++)
            {
                scores[_neighbours[entry]] += weight * _similarities[entry];
            }
        }
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        for (var at = 0; at < history.Length; at++)
        {
            var from = _starts[history.Items[at]];
            var place = _neighbours.AsSpan(from, _starts[history.Items[at] + 1] - from).IndexOf(item);
            contributions[at] = place < 0 ? 0 : history.Weights[at] * _similarities[from + place];
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores) => Score(new[] { item }, scores);

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        RecommenderFormat.WriteArray<int>(writer, _starts);
        RecommenderFormat.WriteArray<int>(writer, _neighbours);
        RecommenderFormat.WriteArray<float>(writer, _similarities);
    }

    internal static ItemSimilarity ReadBody(string kind, BinaryReader reader, string[] itemIds)
    {
        var starts = RecommenderFormat.ReadArray<int>(reader, itemIds.Length + 1L);
        var neighbours = RecommenderFormat.ReadArray<int>(reader, starts[^1]);
        var similarities = RecommenderFormat.ReadArray<float>(reader, starts[^1]);
        return new ItemSimilarity(kind, itemIds, starts, neighbours, similarities);
    }

    /// <summary>The neighbours of every item by what the users of both say.</summary>
    /// <param name="kind">Name of the method.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="left">Items × users: what a user says of the source item.</param>
    /// <param name="right">Users × items: what the user says of the target item.</param>
    /// <param name="scale">From source, target and the sum over users of left · right to the similarity.</param>
    /// <param name="neighbours">Targets kept for each source.</param>
    /// <param name="threads">Threads; they never change the result.</param>
    /// <param name="cancellation">Stops the fit.</param>
    internal static ItemSimilarity Fit(
        string kind,
        string[] itemIds,
        Interactions left,
        Interactions right,
        Func<int, int, float, float> scale,
        int neighbours,
        int threads,
        CancellationToken cancellation)
    {
        var rows = new ScoredItem[itemIds.Length][];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, threads),
            CancellationToken = cancellation,
        };
        Parallel.For(0, itemIds.Length, parallel, () => new Accumulator(itemIds.Length), (item, _, sums) =>
        {
            sums.Add(item, left, right);
            rows[item] = sums.Take(item, scale, neighbours);
            return sums;
        }, _ => { });
        return Pack(kind, itemIds, rows);
    }

    private static ItemSimilarity Pack(string kind, string[] ids, ScoredItem[][] rows)
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

        return new ItemSimilarity(kind, ids, starts, neighbours, similarities);
    }

    /// <summary>Sums of one source item; all zero between two sources.</summary>
    private sealed class Accumulator(int items)
    {
        private readonly float[] _sums = new float[items];
        private readonly int[] _touched = new int[items];
        private readonly float[] _scores = new float[items];
        private int _count;

        public void Add(int item, Interactions left, Interactions right)
        {
            var users = left.ItemsOf(item);
            var weights = left.WeightsOf(item);
            for (var u = 0; u < users.Length; u++)
            {
                var targets = right.ItemsOf(users[u]);
                var values = right.WeightsOf(users[u]);
                for (var at = 0; at < targets.Length; at++)
                {
                    ref var sum = ref _sums[targets[at]];
                    if (sum == 0)
                    {
                        _touched[_count++] = targets[at];
                    }

                    sum += weights[u] * values[at];
                }
            }
        }

        public ScoredItem[] Take(int item, Func<int, int, float, float> scale, int neighbours)
        {
            _sums[item] = 0;
            var touched = _touched.AsSpan(0, _count);
            touched.Sort();
            for (var at = 0; at < touched.Length; at++)
            {
                ref var sum = ref _sums[touched[at]];
                _scores[at] = sum > 0 ? scale(item, touched[at], sum) : 0;
                sum = 0;
            }

            var best = TopItems.Select(_scores.AsSpan(0, _count), neighbours, floor: 0, exclude: []);
            for (var place = 0; place < best.Length; place++)
            {
                best[place] = best[place] with { Item = touched[best[place].Item] };
            }

            _count = 0;
            return best;
        }
    }
}
