using System.Buffers;
using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>Several models that speak with one voice: the weighted sum of their standardised scores.</summary>
/// <remarks>
/// <para>Each member's scores of a visitor are divided by their standard deviation over all items, so that members of
/// different scale can be added; a mean would move all items alike and is left where it is. The weights are learnt on
/// held-out data by <see cref="Tuning.BlendWeights"/>.</para>
/// <para>A history that has an order fades: an item counts <c>recency</c> times as much as the next newer one. Whoever
/// has no history gets what the members say to everybody.</para>
/// <para>Contributions are the members' own, so reasons are exact where theirs are.</para>
/// </remarks>
public sealed class Blend : IRecommender
{
    internal const string KindName = "blend";

    private readonly string[] _itemIds;
    private readonly IRecommender[] _members;
    private readonly float[] _weights;
    private readonly float _recency;

    /// <summary>Combines models.</summary>
    /// <param name="members">At least one; all know the same items.</param>
    /// <param name="weights">Weight of each; may be negative.</param>
    /// <param name="recency">In (0, 1]; 1 leaves histories as they are.</param>
    /// <exception cref="ArgumentException">Lengths differ, or the members do not know the same items.</exception>
    public Blend(IReadOnlyList<IRecommender> members, IReadOnlyList<float> weights, float recency)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(recency);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(recency, 1);
        if (members.Count == 0 || weights.Count != members.Count)
        {
            throw new ArgumentException("A blend needs members, and a weight for each.", nameof(members));
        }

        if (members.Any(member => !member.ItemIds.SequenceEqual(members[0].ItemIds)))
        {
            throw new ArgumentException("The members must know the same items.", nameof(members));
        }

        _itemIds = [.. members[0].ItemIds];
        _members = [.. members];
        _weights = [.. weights];
        _recency = recency;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>The members, by their weight's place.</summary>
    public IReadOnlyList<IRecommender> Members => _members;

    /// <summary>Weight of each member.</summary>
    public IReadOnlyList<float> Weights => _weights;

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        var faded = history.Fade(_recency);
        var own = new float[_itemIds.Length];
        scores.Clear();
        for (var member = 0; member < _members.Length; member++)
        {
            _members[member].Score(faded, own);
            var scale = _weights[member] * InverseDeviation(own);
            TensorPrimitives.MultiplyAdd(own, scale, scores, scores);
        }
    }

    /// <inheritdoc/>
    public void ScoreMany(HistorySet histories, ReadOnlySpan<int> users, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var (items, faded) = (_itemIds.Length, histories.Fade(_recency));
        // Megabytes for large catalogues, thousands of times: rented, or the collector lags behind by gigabytes.
        var rented = ArrayPool<float>.Shared.Rent(users.Length * items);
        var own = rented.AsSpan(0, users.Length * items);
        scores.Clear();
        for (var member = 0; member < _members.Length; member++)
        {
            _members[member].ScoreMany(faded, users, own);
            for (var at = 0; at < users.Length; at++)
            {
                var part = own.Slice(at * items, items);
                var sum = scores.Slice(at * items, items);
                TensorPrimitives.MultiplyAdd(part, _weights[member] * InverseDeviation(part), sum, sum);
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions) =>
        ContributionsOfMany(history, [item], contributions);

    /// <inheritdoc/>
    public void ContributionsOfMany(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var faded = history.Fade(_recency);
        var own = new float[_itemIds.Length];
        var parts = new float[items.Length * history.Length];
        contributions.Clear();
        for (var member = 0; member < _members.Length; member++)
        {
            _members[member].Score(faded, own);
            _members[member].ContributionsOfMany(faded, items, parts);
            var scale = _weights[member] * InverseDeviation(own);
            TensorPrimitives.MultiplyAdd(parts, scale, contributions, contributions);
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores)
    {
        var own = new float[_itemIds.Length];
        scores.Clear();
        for (var member = 0; member < _members.Length; member++)
        {
            _members[member].Similar(item, own);
            own[item] = 0;
            TensorPrimitives.MultiplyAdd(own, _weights[member] * InverseDeviation(own), scores, scores);
        }
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_recency);
        RecommenderFormat.WriteArray<float>(writer, _weights);
        foreach (var member in _members)
        {
            writer.Write(member.Kind);
            member.WriteBody(writer);
        }
    }

    internal static Blend ReadBody(BinaryReader reader, string[] itemIds)
    {
        var recency = reader.ReadSingle();
        var count = reader.ReadInt32();
        if (count is < 1 or > 100 || !(recency is > 0 and <= 1))
        {
            throw new InvalidDataException($"A blend of {count} members with recency {recency}.");
        }

        var weights = new float[count];
        for (var member = 0; member < count; member++)
        {
            weights[member] = reader.ReadSingle();
        }

        var members = new IRecommender[count];
        for (var member = 0; member < count; member++)
        {
            members[member] = RecommenderFormat.ReadBody(reader.ReadString(), reader, itemIds);
        }

        return new Blend(members, weights, recency);
    }

    /// <summary>1 / standard deviation, 0 where all scores are equal.</summary>
    internal static float InverseDeviation(ReadOnlySpan<float> scores)
    {
        if (scores.IsEmpty)
        {
            return 0;
        }

        var mean = TensorPrimitives.Sum(scores) / scores.Length;
        var variance = (TensorPrimitives.SumOfSquares(scores) / scores.Length) - (mean * mean);
        return variance > 1e-20f ? 1 / MathF.Sqrt(variance) : 0;
    }
}
