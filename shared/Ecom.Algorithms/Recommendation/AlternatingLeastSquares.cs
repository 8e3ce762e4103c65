using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Matrix factorisation for implicit feedback by alternating least squares (iALS).</summary>
/// <remarks>
/// <para>Source: Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008, with the
/// loss and the frequency-scaled regularisation of Rendle, Krichene, Zhang and Koren, "Revisiting the performance of
/// iALS on item recommendation benchmarks", RecSys 2022: Σ w (1 − xᵀy)² over interactions + α0 Σ (xᵀy)² over all pairs
/// + λ Σ (entries + α0 · others)^ν |x|² over all vectors.</para>
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
    private readonly int _length;
    private readonly float _unobservedWeight;
    private readonly float _regularisation;
    private readonly float _frequencyExponent;
    private readonly float[] _items;
    private readonly float[] _gram;
    private readonly float[] _norms;
    private readonly Lazy<PackedMatrix> _packed;
    private readonly Lazy<VectorScreen> _screen;
    private readonly ConcurrentBag<RowSolver> _solvers = [];

    // items: one padded vector an item; gram: α0 YᵀY.
    private AlternatingLeastSquares(string[] itemIds, AlternatingLeastSquaresOptions options, float[] items)
    {
        _itemIds = itemIds;
        _factors = options.Factors;
        _length = RowSolver.Padded(options.Factors);
        _unobservedWeight = options.UnobservedWeight;
        _regularisation = options.Regularisation;
        _frequencyExponent = options.FrequencyExponent;
        _items = items;
        _gram = Gram(items, _length, options.UnobservedWeight, new ParallelOptions());
        _packed = new Lazy<PackedMatrix>(() => PackedMatrix.OfTransposed(items, _length, _length, itemIds.Length));
        _screen = new Lazy<VectorScreen>(() => new VectorScreen(items, _length));
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
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.UnobservedWeight, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.FrequencyExponent, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Iterations, 1, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);

        var byItem = interactions.Transpose();
        var length = RowSolver.Padded(options.Factors);
        var users = new float[interactions.UserCount * length];
        var items = StartVectors(ids.Length, options);
        var sweep = new Sweep(options, cancellation);
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            sweep.Update(interactions, items, users);
            sweep.Update(byItem, users, items);
        }

        return new AlternatingLeastSquares(ids, options, items);
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        if (history.Length == 0)
        {
            scores.Clear();
            return;
        }

        ScoreAll(FoldInPadded(history), scores);
    }

    /// <inheritdoc/>
    public void ScoreMany(HistorySet histories, ReadOnlySpan<int> users, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var (solver, vectors) = (Rented(), new float[users.Length * _length]);
        for (var at = 0; at < users.Length; at++)
        {
            var history = histories.Of(users[at]);
            if (history.Length > 0)
            {
                FoldIn(solver, history).CopyTo(vectors, at * _length);
            }
        }

        _solvers.Add(solver);
        scores.Clear();
        _packed.Value.MultiplyAdd(
            vectors, _length, scores, _itemIds.Length, users.Length, 0, _packed.Value.PanelCount);
    }

    /// <inheritdoc/>
    /// <remarks>By a screen of 8-bit vectors, made at the first call: a byte for each number of the items'.</remarks>
    public ScoredItem[] Best(History history, int count, ReadOnlySpan<int> exclude)
    {
        if (!VectorScreen.CanScreen(_length))
        {
            return TopItems.Of(this, history, count, exclude);
        }

        return history.Length == 0 ? [] : _screen.Value.Best(FoldInPadded(history), count, exclude);
    }

    /// <summary>The vector of a visitor, by one exact row solve.</summary>
    /// <param name="history">What is known of the visitor.</param>
    /// <returns>As many numbers as an item's vector has, zeros for an empty history.</returns>
    public float[] FoldIn(History history) => FoldInPadded(history)[.._factors];

    /// <inheritdoc/>
    /// <remarks>
    /// The score is Σ w · yᵢᵀ W⁻¹ yⱼ over the history, an exact sum of one part an item (Hu et al., section 5).
    /// </remarks>
    public void Contributions(History history, int item, Span<float> contributions) =>
        ContributionsOfMany(history, [item], contributions);

    /// <inheritdoc/>
    public void ContributionsOfMany(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        if (history.Length == 0)
        {
            return;
        }

        var solver = Rented();
        FoldIn(solver, history);
        var solved = new float[Math.Min(items.Length, history.Length) * _length];

        // W is symmetric: whichever side is shorter is solved for.
        var byHistory = history.Length < items.Length;
        for (var at = 0; at * _length < solved.Length; at++)
        {
            var direction = solved.AsSpan(at * _length, _length);
            Vector(byHistory ? history.Items[at] : items[at]).CopyTo(direction);
            solver.SolveAgain(direction);
        }

        _solvers.Add(solver);

        for (var item = 0; item < items.Length; item++)
        {
            for (var at = 0; at < history.Length; at++)
            {
                var (side, other) = byHistory ? (at, items[item]) : (item, history.Items[at]);
                contributions[(item * history.Length) + at] = history.Weights[at]
                    * TensorPrimitives.Dot<float>(Vector(other), solved.AsSpan(side * _length, _length));
            }
        }
    }

    /// <summary>The cosine of the item vectors.</summary>
    public void Similar(int item, Span<float> scores)
    {
        ScoreAll(Vector(item), scores);
        for (var other = 0; other < scores.Length; other++)
        {
            var lengths = _norms[item] * _norms[other];
            scores[other] = lengths > 0 ? scores[other] / lengths : 0;
        }
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_factors);
        writer.Write(_unobservedWeight);
        writer.Write(_regularisation);
        writer.Write(_frequencyExponent);
        RecommenderFormat.WriteArray<float>(writer, _items);
    }

    internal static AlternatingLeastSquares ReadBody(BinaryReader reader, string[] itemIds)
    {
        var options = new AlternatingLeastSquaresOptions
        {
            Factors = reader.ReadInt32(),
            UnobservedWeight = reader.ReadSingle(),
            Regularisation = reader.ReadSingle(),
            FrequencyExponent = reader.ReadSingle(),
        };
        if (options.Factors < 1)
        {
            throw new InvalidDataException($"{options.Factors} factors.");
        }

        var length = (long)itemIds.Length * RowSolver.Padded(options.Factors);
        return new AlternatingLeastSquares(itemIds, options, RecommenderFormat.ReadArray<float>(reader, length));
    }

    // Small and centred, as in the paper: large random vectors would take sweeps to unlearn.
    private static float[] StartVectors(int count, AlternatingLeastSquaresOptions options)
    {
        var random = new Random(options.Seed);
        var length = RowSolver.Padded(options.Factors);
        var scale = 0.2f / MathF.Sqrt(options.Factors);
        var vectors = new float[count * length];
        for (var item = 0; item < count; item++)
        {
            for (var factor = 0; factor < options.Factors; factor++)
            {
                vectors[(item * length) + factor] = (random.NextSingle() - 0.5f) * scale;
            }
        }

        return vectors;
    }

    // α0 YᵀY, full and symmetric; summed in fixed blocks, so that it does not depend on the number of threads.
    private static unsafe float[] Gram(float[] vectors, int length, float scale, ParallelOptions parallel)
    {
        const int Blocks = 16;
        var count = vectors.Length / length;
        var parts = new float[Blocks][];
        Parallel.For(0, Blocks, parallel, block =>
        {
            var part = new float[length * length];
            var (from, to) = ((long)count * block / Blocks, (long)count * (block + 1) / Blocks);
            fixed (float* all = vectors, sums = part)
            {
                var rows = all + (from * length);
                for (var row = 0; row < length; row += Tile.Rows)
                {
                    for (var column = 0; column < length; column += Tile.Columns)
                    {
                        Tile.MultiplyAdd(
                            rows + row, 1, length, rows + column, length, sums + (row * length) + column, length,
                            (int)(to - from), scale);
                    }
                }
            }

            parts[block] = part;
        });

        var gram = new float[length * length];
        foreach (var part in parts)
        {
            TensorPrimitives.Add(gram, part, gram);
        }

        return gram;
    }

    private ReadOnlySpan<float> Vector(int item) => _items.AsSpan(item * _length, _length);

    // Scratch space is kept from one call to the next: pinned arrays are dear to allocate.
    private RowSolver Rented() => _solvers.TryTake(out var solver) ? solver : new RowSolver(_factors);

    private float[] FoldInPadded(History history)
    {
        var solver = Rented();
        var user = FoldIn(solver, history);
        _solvers.Add(solver);
        return user;
    }

    private float[] FoldIn(RowSolver solver, History history)
    {
        history.Check(_itemIds.Length);
        var user = new float[_length];
        var entries = 0f;
        foreach (var weight in history.Weights)
        {
            entries += weight;
        }

        var scale = MathF.Pow(entries + (_unobservedWeight * _itemIds.Length), _frequencyExponent);
        solver.Solve(_items, _gram, _regularisation * scale, history.Items, history.Weights, user);
        return user;
    }

    private unsafe void ScoreAll(ReadOnlySpan<float> vector, Span<float> scores)
    {
        fixed (float* rows = _items, x = vector, dots = scores)
        {
            Vectors.Dots(rows, _itemIds.Length, _length, x, dots);
        }
    }

    /// <summary>One half of an iteration: all rows of one side, given the other.</summary>
    private sealed class Sweep(AlternatingLeastSquaresOptions options, CancellationToken cancellation)
    {
        private const int RowsAtATime = 64;

        private readonly int _length = RowSolver.Padded(options.Factors);
        private readonly ParallelOptions _parallel = new()
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Threads),
            CancellationToken = cancellation,
        };

        public void Update(Interactions rows, float[] others, float[] target)
        {
            var gram = Gram(others, _length, options.UnobservedWeight, _parallel);
            var blocks = (rows.UserCount + RowsAtATime - 1) / RowsAtATime;
            Parallel.For(0, blocks, _parallel, () => new RowSolver(options.Factors), (block, _, solver) =>
            {
                var end = Math.Min(rows.UserCount, (block + 1) * RowsAtATime);
                for (var row = block * RowsAtATime; row < end; row++)
                {
                    Update(solver, rows, row, others, gram, target.AsSpan(row * _length, _length));
                }

                return solver;
            }, _ => { });
        }

        private void Update(
            RowSolver solver, Interactions rows, int row, float[] others, float[] gram, Span<float> x)
        {
            var columns = rows.ItemsOf(row);
            var weights = rows.WeightsOf(row);
            if (columns.Length == 0)
            {
                x.Clear();
                return;
            }

            var entries = TensorPrimitives.Sum(weights) + (options.UnobservedWeight * rows.ItemCount);
            var regularisation = options.Regularisation * MathF.Pow(entries, options.FrequencyExponent);
            if (options.ConjugateGradientSteps == 0)
            {
                solver.Solve(others, gram, regularisation, columns, weights, x);
            }
            else
            {
                solver.Improve(others, gram, regularisation, columns, weights, x, options.ConjugateGradientSteps);
            }
        }
    }
}
