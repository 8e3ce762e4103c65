using System.Numerics.Tensors;
using Ecom.Algorithms.Numerics;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="SpectralFilter"/>.</summary>
public sealed record SpectralFilterOptions
{
    /// <summary>Singular vectors kept, at least 1. Default 256.</summary>
    public int Rank { get; init; } = 256;

    /// <summary>
    /// Exponent of the item's degree by which vectors are turned back from the normalised graph; 0 leaves them. Default
    /// 0.5.
    /// </summary>
    public float DegreeExponent { get; init; } = 0.5f;

    /// <summary>
    /// Power of the singular values: 0 keeps all vectors alike (the ideal low-pass), 2 is one step of the graph, 4 two.
    /// Default 0.
    /// </summary>
    public float Power { get; init; }

    /// <summary>Seed of the decomposition. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads to fit with; it never changes the result. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>A low-pass filter on the graph of users and items: what survives of a history on its smooth
/// part.</summary>
/// <remarks>
/// <para>Source: Shen et al., "How powerful is graph convolution for recommendation?" (GF-CF), CIKM 2021; the use of a
/// second order with negative weight: Choi et al., "Blurring-sharpening process models for collaborative filtering",
/// SIGIR 2023. With X̃ = Du^-½ X Di^-½ = U S Vᵀ the score is h Di^-e V S^p Vᵀ Di^e.</para>
/// <para>Cost: fit O(entries · rank), memory items · rank · 4 bytes, twice that once many users were scored;
/// filters of one decomposition share it. Score O(items · rank). Deterministic for a seed.</para>
/// </remarks>
public sealed class SpectralFilter : IRecommender
{
    internal const string KindName = "spectral";

    private const int Passes = 8;

    private readonly string[] _itemIds;
    private readonly int _length;
    private readonly Directions _directions;
    private readonly float[] _vectors;
    private readonly float[] _spectrum;
    private readonly float[] _degrees;

    // spectrum: what each direction counts; degrees: by which an item's vector is divided in a history and multiplied
    // as a target, 0 for one outside of the graph.
    private SpectralFilter(string[] itemIds, Directions directions, float[] spectrum, float[] degrees)
    {
        _itemIds = itemIds;
        _length = spectrum.Length;
        _directions = directions;
        _vectors = directions.Vectors;
        _spectrum = spectrum;
        _degrees = degrees;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Decomposes the normalised matrix.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static SpectralFilter Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        SpectralFilterOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rank, 1, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, interactions.ItemCount);
        var (users, items) = (interactions.RowSums(), interactions.Transpose().RowSums());
        var normalised = interactions.Reweigh(
            (user, item, weight) => (float)(weight / Math.Sqrt(users[user] * items[item])));
        var svd = TruncatedSvd.Of(normalised, options.Rank, Passes, options.Seed, options.Threads, cancellation);
        return Of(ids, new Directions(svd.Vectors, svd.Length, ids.Length, svd.Values, items), options);
    }

    /// <summary>Another filter on the same decomposition, which the two share: as if fitted on the same data with the
    /// same rank and seed.</summary>
    internal SpectralFilter With(SpectralFilterOptions options) => Of(_itemIds, _directions, options);

    private static SpectralFilter Of(string[] ids, Directions directions, SpectralFilterOptions options)
    {
        var spectrum = new float[directions.Length];
        for (var at = 0; at < directions.Values.Length; at++)
        {
            spectrum[at] = MathF.Pow(directions.Values[at], options.Power);
        }

        // An item without entries lies outside of the graph.
        return new SpectralFilter(ids, directions, spectrum, Array.ConvertAll(
            directions.Sums, sum => sum > 0 ? (float)Math.Pow(sum, options.DegreeExponent) : 0));
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        var visitor = new float[_length];
        FoldIn(history, visitor);
        ScoreAll(visitor, scores);
    }

    /// <inheritdoc/>
    public void ScoreMany(HistorySet histories, ReadOnlySpan<int> users, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var vectors = new float[users.Length * _length];
        for (var at = 0; at < users.Length; at++)
        {
            FoldIn(histories.Of(users[at]), vectors.AsSpan(at * _length, _length));
        }

        scores.Clear();
        var packed = _directions.Packed.Value;
        packed.MultiplyAdd(vectors, _length, scores, _itemIds.Length, users.Length, 0, packed.PanelCount);
        for (var at = 0; at < users.Length; at++)
        {
            var own = scores.Slice(at * _itemIds.Length, _itemIds.Length);
            TensorPrimitives.Multiply(own, _degrees, own);
        }
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        var target = new float[_length];
        TensorPrimitives.Multiply(Vector(item), _spectrum, target);
        for (var at = 0; at < history.Length; at++)
        {
            contributions[at] = _degrees[item] * Share(history, at)
                * TensorPrimitives.Dot(Vector(history.Items[at]), target);
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores) => Score(new[] { item }, scores);

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_length);
        RecommenderFormat.WriteArray<float>(writer, _spectrum);
        RecommenderFormat.WriteArray<float>(writer, _degrees);
        RecommenderFormat.WriteArray<float>(writer, _vectors.AsSpan(0, _itemIds.Length * _length));
    }

    internal static SpectralFilter ReadBody(BinaryReader reader, string[] itemIds)
    {
        var length = reader.ReadInt32();
        if (length < 0 || length % Vectors.Lanes != 0)
        {
            throw new InvalidDataException($"Vectors of {length} numbers.");
        }

        var spectrum = RecommenderFormat.ReadArray<float>(reader, length);
        var degrees = RecommenderFormat.ReadArray<float>(reader, itemIds.Length);
        var vectors = RecommenderFormat.ReadArray<float>(reader, (long)itemIds.Length * length);
        return new SpectralFilter(
            itemIds, new Directions(vectors, length, itemIds.Length, [], []), spectrum, degrees);
    }

    private void FoldIn(History history, Span<float> visitor)
    {
        history.Check(_itemIds.Length);
        for (var at = 0; at < history.Length; at++)
        {
            TensorPrimitives.MultiplyAdd(Vector(history.Items[at]), Share(history, at), visitor, visitor);
        }

        TensorPrimitives.Multiply(visitor, _spectrum, visitor);
    }

    private ReadOnlySpan<float> Vector(int item) => _vectors.AsSpan(item * _length, _length);

    private float Share(History history, int at)
    {
        var degree = _degrees[history.Items[at]];
        return degree > 0 ? history.Weights[at] / degree : 0;
    }

    private unsafe void ScoreAll(ReadOnlySpan<float> vector, Span<float> scores)
    {
        fixed (float* rows = _vectors, x = vector, dots = scores)
        {
            Vectors.Dots(rows, _itemIds.Length, _length, x, dots);
        }

        TensorPrimitives.Multiply(scores, _degrees, scores);
    }

    // What a decomposition gives: a vector of padded length an item, the singular values, the sums of the items; the
    // last two are empty in a model that was read.
    private sealed record Directions(float[] Vectors, int Length, int Items, float[] Values, double[] Sums)
    {
        public Lazy<PackedMatrix> Packed { get; } = new(
            () => PackedMatrix.OfTransposed(Vectors, Length, Length, Items));
    }
}
