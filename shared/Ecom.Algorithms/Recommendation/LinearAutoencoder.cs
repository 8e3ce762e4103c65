using System.Numerics.Tensors;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="LinearAutoencoder"/>.</summary>
public sealed record LinearAutoencoderOptions
{
    /// <summary>Weight of the squared item-to-item weights (λ), greater than 0. Default 500.</summary>
    public float Regularisation { get; init; } = 500;

    /// <summary>
    /// Further regularisation of an item in proportion to its entries, as dropout of inputs would do; at least 0.
    /// Default 0.
    /// </summary>
    public float Dropout { get; init; }

    /// <summary>Threads to fit with; it never changes the result. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>EASE: the item-to-item matrix with a zero diagonal that best rebuilds every history.</summary>
/// <remarks>
/// <para>Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019; B = I − P diag(1 / diag P), P
/// = (XᵀX + λI)⁻¹. The dropout term: Steck, "Autoencoders that don't overfit towards the identity", NeurIPS
/// 2020.</para>
/// <para>Cost: fit O(Σ d² + 2 items³), memory 8 · items² bytes while fitting and 4 · items² afterwards: for up to some
/// fifteen thousand items. Score O(|H| · items).</para>
/// <para>Deterministic, whatever the number of threads.</para>
/// </remarks>
public sealed class LinearAutoencoder : IRecommender
{
    internal const string KindName = "ease";

    private readonly string[] _itemIds;
    private readonly float[] _weights;

    // weights: what the history item of each row adds to the item of each column.
    private LinearAutoencoder(string[] itemIds, float[] weights)
    {
        _itemIds = itemIds;
        _weights = weights;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Bytes that a fit needs at its peak.</summary>
    public static long PeakBytes(int items) => 2L * items * items * sizeof(float);

    /// <summary>Solves for the weights.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static LinearAutoencoder Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        LinearAutoencoderOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Regularisation, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Dropout, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);
        var n = ids.Length;
        var matrix = Gram(interactions, options.Threads, cancellation);
        for (var item = 0; item < n; item++)
        {
            ref var diagonal = ref matrix[((long)item * n) + item];
            diagonal += options.Regularisation + (options.Dropout * diagonal);
        }

        DenseMatrix.Invert(matrix, n, options.Threads, cancellation);
        var scale = new float[n];
        for (var item = 0; item < n; item++)
        {
            scale[item] = -1 / matrix[((long)item * n) + item];
        }

        for (var item = 0; item < n; item++)
        {
            var row = matrix.AsSpan(item * n, n);
            TensorPrimitives.Multiply(row, scale, row);
            row[item] = 0;
        }

        return new LinearAutoencoder(ids, matrix);
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        for (var at = 0; at < history.Length; at++)
        {
            TensorPrimitives.MultiplyAdd(Row(history.Items[at]), history.Weights[at], scores, scores);
        }
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        for (var at = 0; at < history.Length; at++)
        {
            contributions[at] = history.Weights[at] * Row(history.Items[at])[item];
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores) => Row(item).CopyTo(scores);

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer) => RecommenderFormat.WriteArray<float>(writer, _weights);

    internal static LinearAutoencoder ReadBody(BinaryReader reader, string[] itemIds) =>
        new(itemIds, RecommenderFormat.ReadArray<float>(reader, (long)itemIds.Length * itemIds.Length));

    // XᵀX, each row by itself: for the users of the item, add their rows.
    private static float[] Gram(Interactions interactions, int threads, CancellationToken cancellation)
    {
        var n = interactions.ItemCount;
        var byItem = interactions.Transpose();
        var gram = new float[checked(n * n)];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, n, parallel, item =>
        {
            var row = gram.AsSpan(item * n, n);
            var users = byItem.ItemsOf(item);
            var weights = byItem.WeightsOf(item);
            for (var at = 0; at < users.Length; at++)
            {
                var items = interactions.ItemsOf(users[at]);
                var others = interactions.WeightsOf(users[at]);
                for (var other = 0; other < items.Length; other++)
                {
                    row[items[other]] += weights[at] * others[other];
                }
            }
        });
        return gram;
    }

    private ReadOnlySpan<float> Row(int item) => _weights.AsSpan(item * _itemIds.Length, _itemIds.Length);
}
