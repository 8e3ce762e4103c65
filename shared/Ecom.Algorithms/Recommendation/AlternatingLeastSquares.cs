using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Matrix factorisation for implicit feedback by alternating least squares.</summary>
/// <remarks>
/// <para>Source: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008.
/// Minimises Σ c (p − xᵀy)² + λ (Σ|x|² + Σ|y|²), p = 1 where there is an interaction, c = 1 + alpha · weight.</para>
/// <para>Only item vectors are kept: a user is folded in from the history by one exact row solve, so that known,
/// new and anonymous visitors are served alike.</para>
/// <para>Cost: a sweep O(entries · factors · steps + (users + items) · factors²); memory (users + items) · factors · 4
/// bytes while fitting. Fold-in O(history · factors² + factors³).</para>
/// <para>Deterministic for a seed, whatever the number of threads: rows are independent, sums are taken in fixed
/// blocks.</para>
/// </remarks>
public sealed class AlternatingLeastSquares : IRecommender
{
    internal const string KindName = "als";

    private readonly string[] _itemIds;
    private readonly int _factors;
    private readonly float _alpha;
    private readonly float[] _items;
    private readonly float[] _gram;
    private readonly float[] _norms;

    // gram: YᵀY + λI.
    private AlternatingLeastSquares(string[] itemIds, int factors, float alpha, float[] items, float[] gram)
    {
        _itemIds = itemIds;
        _factors = factors;
        _alpha = alpha;
        _items = items;
        _gram = gram;
        _norms = new float[itemIds.Length];
        for (var item = 0; item < _norms.Length; item++)
        {
            _norms[item] = TensorPrimitives.Norm(Vector(item));
        }
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Fits user and item vectors; keeps the latter.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static AlternatingLeastSquares Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        AlternatingLeastSquaresOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Factors, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Regularisation, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Alpha, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Iterations, 1, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);

        var byItem = interactions.Transpose();
        var users = new float[interactions.UserCount * options.Factors];
        var items = StartVectors(ids.Length, options);
        var sweep = new Sweep(options, cancellation);
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            sweep.Update(interactions, items, users);
            sweep.Update(byItem, users, items);
        }

        return new AlternatingLeastSquares(ids, options.Factors, options.Alpha, items, sweep.RegularisedGram(items));
    }

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<int> history, Span<float> scores)
    {
        var items = History.Distinct(history, _itemIds.Length);
        ScoreAll(FoldIn(new RowSolver(_factors, _alpha), items), scores);
    }

    /// <inheritdoc/>
    public IReadOnlyList<RecommendedItem> Recommend(ReadOnlySpan<int> history, int count, ReadOnlySpan<int> exclude)
    {
        var items = History.Distinct(history, _itemIds.Length);
        if (items.Length == 0)
        {
            return [];
        }

        var solver = new RowSolver(_factors, _alpha);
        var scores = new float[_itemIds.Length];
        ScoreAll(FoldIn(solver, items), scores);
        var best = TopItems.Select(scores, count, float.NegativeInfinity, exclude);
        return Array.ConvertAll(
            best, one => new RecommendedItem(one.Item, one.Score, solver.Strongest(_items, one.Item, items)));
    }

    /// <summary>Nearest by the cosine of the item vectors.</summary>
    public IReadOnlyList<ScoredItem> SimilarItems(int item, int count)
    {
        var scores = new float[_itemIds.Length];
        ScoreAll(Vector(item), scores);
        for (var other = 0; other < scores.Length; other++)
        {
            var lengths = _norms[item] * _norms[other];
            scores[other] = lengths > 0 ? scores[other] / lengths : 0;
        }

        return TopItems.Select(scores, count, floor: 0, exclude: [item]);
    }

    /// <inheritdoc/>
    public void Write(Stream stream)
    {
        using var writer = RecommenderFormat.Begin(stream, this);
        writer.Write(_factors);
        writer.Write(_alpha);
        RecommenderFormat.WriteArray<float>(writer, _items);
        RecommenderFormat.WriteArray<float>(writer, _gram);
    }

    internal static AlternatingLeastSquares ReadBody(BinaryReader reader, string[] itemIds)
    {
        var factors = reader.ReadInt32();
        var alpha = reader.ReadSingle();
        if (factors < 1)
        {
            throw new InvalidDataException($"{factors} factors.");
        }

        var items = RecommenderFormat.ReadArray<float>(reader, (long)itemIds.Length * factors);
        var gram = RecommenderFormat.ReadArray<float>(reader, (long)factors * factors);
        return new AlternatingLeastSquares(itemIds, factors, alpha, items, gram);
    }

    // Small and centred: large random vectors would take sweeps to unlearn.
    private static float[] StartVectors(int count, AlternatingLeastSquaresOptions options)
    {
        var random = new Random(options.Seed);
        var vectors = new float[count * options.Factors];
        for (var at = 0; at < vectors.Length; at++)
        {
            vectors[at] = (random.NextSingle() - 0.5f) / options.Factors;
        }

        return vectors;
    }

    private ReadOnlySpan<float> Vector(int item) => _items.AsSpan(item * _factors, _factors);

    private float[] FoldIn(RowSolver solver, int[] history)
    {
        var user = new float[_factors];
        var weights = new float[history.Length];
        weights.AsSpan().Fill(1);
        solver.Solve(_items, _gram, history, weights, user);
        return user;
    }

    private void ScoreAll(ReadOnlySpan<float> vector, Span<float> scores)
    {
        for (var item = 0; item < _itemIds.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(vector, Vector(item));
        }
    }

    /// <summary>One half of an iteration: all rows of one side, given the other.</summary>
    private sealed class Sweep(AlternatingLeastSquaresOptions options, CancellationToken cancellation)
    {
        // Fixed, so that floating-point sums do not depend on the number of threads.
        private const int GramBlocks = 16;

        private readonly ParallelOptions _parallel = new()
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Threads),
            CancellationToken = cancellation,
        };

        public void Update(Interactions rows, float[] others, float[] target)
        {
            var factors = options.Factors;
            var gram = RegularisedGram(others);
            Parallel.For(0, rows.UserCount, _parallel, () => new RowSolver(factors, options.Alpha), (row, _, solver) =>
            {
                var x = target.AsSpan(row * factors, factors);
                var columns = rows.ItemsOf(row);
                var weights = rows.WeightsOf(row);
                if (columns.Length == 0)
                {
                    x.Clear();
                }
                else if (options.ConjugateGradientSteps == 0)
                {
                    solver.Solve(others, gram, columns, weights, x);
                }
                else
                {
                    solver.Improve(others, gram, columns, weights, x, options.ConjugateGradientSteps);
                }

                return solver;
            }, _ => { });
        }

        /// <summary>YᵀY + λI, full and symmetric.</summary>
        public float[] RegularisedGram(float[] vectors)
        {
            var factors = options.Factors;
            var count = vectors.Length / factors;
            var parts = new float[GramBlocks][];
            Parallel.For(0, GramBlocks, _parallel, block =>
            {
                var part = new float[factors * factors];
                var (from, to) = ((long)count * block / GramBlocks, (long)count * (block + 1) / GramBlocks);
                for (var row = (int)from; row < to; row++)
                {
                    var y = vectors.AsSpan(row * factors, factors);
                    for (var i = 0; i < factors; i++)
                    {
                        var target = part.AsSpan(i * factors, factors);
                        TensorPrimitives.MultiplyAdd(y, y[i], target, target);
                    }
                }

                parts[block] = part;
            });

            var gram = new float[factors * factors];
            foreach (var part in parts)
            {
                TensorPrimitives.Add(gram, part, gram);
            }

            for (var i = 0; i < factors; i++)
            {
                gram[(i * factors) + i] += options.Regularisation;
            }

            return gram;
        }
    }
}
