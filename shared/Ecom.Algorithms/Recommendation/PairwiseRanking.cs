using System.Numerics.Tensors;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="PairwiseRanking"/>.</summary>
public sealed record PairwiseRankingOptions
{
    /// <summary>Length of the vectors, at least 1. Default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Step of a pair, greater than 0. Default 0.05.</summary>
    public float LearningRate { get; init; } = 0.05f;

    /// <summary>Weight of the squared length of the vectors, at least 0. Default 0.01.</summary>
    public float Regularisation { get; init; } = 0.01f;

    /// <summary>Passes over the interactions, at least 1. Default 60.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>Seed of start and draws. Default 1.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>BPR: vectors that rank what a user took up before what the user did not.</summary>
/// <remarks>
/// <para>Source: Rendle, Freudenthaler, Gantner and Schmidt-Thieme, "BPR: Bayesian personalized ranking from implicit
/// feedback", UAI 2009. A visitor's vector is the mean of a history's item vectors (as in Koren's asymmetric SVD, KDD
/// 2008), so that new and anonymous visitors are served like known ones; negatives are drawn uniformly.</para>
/// <para>Cost: O(epochs · entries · (factors + history)). One thread; deterministic for a seed.</para>
/// </remarks>
public sealed class PairwiseRanking : IRecommender
{
    internal const string KindName = "bpr";

    private readonly string[] _itemIds;
    private readonly int _length;
    private readonly float[] _history;
    private readonly float[] _items;
    private readonly float[] _biases;

    // history: what an item adds to a visitor; items and biases: what scores one. Padded vectors.
    private PairwiseRanking(string[] itemIds, int length, float[] history, float[] items, float[] biases)
    {
        _itemIds = itemIds;
        _length = length;
        _history = history;
        _items = items;
        _biases = biases;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Learns from pairs.</summary>
    /// <param name="interactions">Users × items; weights are not used.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static PairwiseRanking Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        PairwiseRankingOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Factors, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.LearningRate, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Regularisation, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Epochs, 1, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);
        var length = Vectors.Padded(options.Factors);
        var random = new Random(options.Seed);
        var model = new PairwiseRanking(
            ids, length, Start(random, ids.Length, length, options.Factors),
            Start(random, ids.Length, length, options.Factors), new float[ids.Length]);
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            for (var user = 0; user < interactions.UserCount; user++)
            {
                cancellation.ThrowIfCancellationRequested();
                model.Learn(interactions.ItemsOf(user), options, random);
            }
        }

        // Nobody took it up: what the vector holds is its start and what it was pushed away by.
        var counts = interactions.Transpose();
        for (var item = 0; item < ids.Length; item++)
        {
            if (counts.ItemsOf(item).Length == 0)
            {
                model.Of(model._history, item).Clear();
                model.Of(model._items, item).Clear();
            }
        }

        return model;
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        if (history.Length == 0)
        {
            return;
        }

        var visitor = new float[_length];
        var share = 1 / TensorPrimitives.Sum(history.Weights);
        for (var at = 0; at < history.Length; at++)
        {
            var weight = history.Weights[at] * share;
            TensorPrimitives.MultiplyAdd(Of(_history, history.Items[at]), weight, visitor, visitor);
        }

        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = _biases[item] + TensorPrimitives.Dot(visitor, Of(_items, item));
        }

        // Only the order has a meaning: moved so that the better half of the items is recommendable.
        var middle = TensorPrimitives.Sum(scores) / scores.Length;
        TensorPrimitives.Subtract(scores, middle, scores);
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        var share = history.Length == 0 ? 0 : 1 / TensorPrimitives.Sum(history.Weights);
        for (var at = 0; at < history.Length; at++)
        {
            contributions[at] = history.Weights[at] * share
                * TensorPrimitives.Dot(Of(_history, history.Items[at]), Of(_items, item));
        }
    }

    /// <summary>The cosine of the item vectors.</summary>
    public void Similar(int item, Span<float> scores)
    {
        for (var other = 0; other < scores.Length; other++)
        {
            var lengths = TensorPrimitives.Norm(Of(_items, item)) * TensorPrimitives.Norm(Of(_items, other));
            scores[other] = lengths > 0 ? TensorPrimitives.Dot(Of(_items, item), Of(_items, other)) / lengths : 0;
        }
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_length);
        RecommenderFormat.WriteArray<float>(writer, _history);
        RecommenderFormat.WriteArray<float>(writer, _items);
        RecommenderFormat.WriteArray<float>(writer, _biases);
    }

    internal static PairwiseRanking ReadBody(BinaryReader reader, string[] itemIds)
    {
        var length = reader.ReadInt32();
        if (length < 1)
        {
            throw new InvalidDataException($"Vectors of {length} numbers.");
        }

        var all = (long)itemIds.Length * length;
        return new PairwiseRanking(
            itemIds,
            length,
            RecommenderFormat.ReadArray<float>(reader, all),
            RecommenderFormat.ReadArray<float>(reader, all),
            RecommenderFormat.ReadArray<float>(reader, itemIds.Length));
    }

    private static float[] Start(Random random, int count, int length, int factors)
    {
        var vectors = new float[count * length];
        for (var item = 0; item < count; item++)
        {
            for (var factor = 0; factor < factors; factor++)
            {
                vectors[(item * length) + factor] = (random.NextSingle() - 0.5f) / MathF.Sqrt(factors);
            }
        }

        return vectors;
    }

    private Span<float> Of(float[] vectors, int item) => vectors.AsSpan(item * _length, _length);

    // One pass over a user's items. The visitor's vector leaves out the item that is to be ranked, or every item would
    // learn to rank itself.
    private void Learn(ReadOnlySpan<int> items, PairwiseRankingOptions options, Random random)
    {
        if (items.Length < 2 || items.Length >= _itemIds.Length)
        {
            return;
        }

        var sum = new float[_length];
        foreach (var item in items)
        {
            TensorPrimitives.Add(sum, Of(_history, item), sum);
        }

        var (visitor, change, moved) = (new float[_length], new float[_length], new float[_length]);
        var share = 1f / (items.Length - 1);
        foreach (var wanted in items)
        {
            int other;
            do
            {
                other = random.Next(_itemIds.Length);
            }
            while (items.BinarySearch(other) >= 0);

            TensorPrimitives.Subtract(sum, Of(_history, wanted), visitor);
            TensorPrimitives.Multiply(visitor, share, visitor);
            var better = Of(_items, wanted);
            var worse = Of(_items, other);
            TensorPrimitives.Subtract(better, worse, change);
            var gap = _biases[wanted] - _biases[other] + TensorPrimitives.Dot<float>(visitor, change);
            var step = options.LearningRate / (1 + MathF.Exp(gap));
            var keep = 1 - (options.LearningRate * options.Regularisation);
            _biases[wanted] = (keep * _biases[wanted]) + step;
            _biases[other] = (keep * _biases[other]) - step;
            Move(better, keep, visitor, step);
            Move(worse, keep, visitor, -step);
            TensorPrimitives.MultiplyAdd(change, step, moved, moved);
        }

        // The items of a history move together, by what the pairs asked of the visitor.
        foreach (var item in items)
        {
            Move(Of(_history, item), 1 - (options.LearningRate * options.Regularisation), moved, share);
        }
    }

    private static void Move(Span<float> vector, float keep, ReadOnlySpan<float> by, float step)
    {
        TensorPrimitives.Multiply(vector, keep, vector);
        TensorPrimitives.MultiplyAdd(by, step, vector, vector);
    }
}
