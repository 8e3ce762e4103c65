using System.Runtime.InteropServices;

namespace Ecom.Algorithms.Recommendation;

/// <summary>A model that reads histories of several kinds of behaviour: what was bought, what was only looked
/// at.</summary>
/// <remarks>
/// <para>Entry <c>kind · items + item</c> of a history is that item in that kind of behaviour; items of the first kind
/// are what is recommended. Each kind has a weight, 0 for one that is not read. The model within knows either one
/// column an item, in which an item's kinds add up, or one for each kind, as in collective factorisation (Singh and
/// Gordon, "Relational learning via collective matrix factorization", KDD 2008) and cross-occurrence: then it has
/// learnt what a view foretells apart from what a purchase does, that of the same item included.</para>
/// <para>Cost: that of the model within, O(history) on top. Deterministic.</para>
/// </remarks>
public sealed class BehaviourModel : IRecommender
{
    internal const string KindName = "behaviours";

    private readonly IRecommender _inner;
    private readonly string[] _itemIds;
    private readonly float[] _weights;

    /// <summary>Wraps a model.</summary>
    /// <param name="inner">Knows the items once, or once for each kind.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="weights">What one event of each kind counts in a history; at least 0.</param>
    /// <exception cref="ArgumentException">The model knows another number of items, or a weight is below 0.</exception>
    public BehaviourModel(IRecommender inner, IReadOnlyList<string> itemIds, IReadOnlyList<float> weights)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(weights);
        if (inner.ItemIds.Count != itemIds.Count && inner.ItemIds.Count != itemIds.Count * weights.Count)
        {
            throw new ArgumentException(
                $"A model of {inner.ItemIds.Count} columns for {weights.Count} kinds of {itemIds.Count} items.",
                nameof(inner));
        }

        if (weights.Count == 0 || weights.Any(weight => !(float.IsFinite(weight) && weight >= 0)))
        {
            throw new ArgumentException("Each kind needs a weight of at least 0.", nameof(weights));
        }

        _inner = inner;
        _itemIds = [.. itemIds];
        _weights = [.. weights];
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    private bool IsApart => _inner.ItemIds.Count > _itemIds.Length;

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        var read = Read(history);
        var own = History.OfDistinct(CollectionsMarshal.AsSpan(read.Items), CollectionsMarshal.AsSpan(read.Weights));
        if (!IsApart)
        {
            _inner.Score(own, scores);
            return;
        }

        var all = new float[_inner.ItemIds.Count];
        _inner.Score(own, all);
        all.AsSpan(0, _itemIds.Length).CopyTo(scores);
    }

    /// <inheritdoc/>
    public void ScoreMany(HistorySet histories, ReadOnlySpan<int> users, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var (items, weights, starts) = (new List<int>(), new List<float>(), new int[users.Length + 1]);
        for (var at = 0; at < users.Length; at++)
        {
            var read = Read(histories.Of(users[at]));
            items.AddRange(read.Items);
            weights.AddRange(read.Weights);
            starts[at + 1] = items.Count;
        }

        var own = HistorySet.OfRows(starts, [.. items], [.. weights]);
        int[] rows = [.. Enumerable.Range(0, users.Length)];
        if (!IsApart)
        {
            _inner.ScoreMany(own, rows, scores);
            return;
        }

        var (n, columns) = (_itemIds.Length, _inner.ItemIds.Count);
        var all = new float[users.Length * columns];
        _inner.ScoreMany(own, rows, all);
        for (var at = 0; at < users.Length; at++)
        {
            all.AsSpan(at * columns, n).CopyTo(scores.Slice(at * n, n));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Kinds of the same item share its part by their weights where the model within adds them
    /// up.</remarks>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        var read = Read(history);
        var parts = new float[read.Items.Count];
        _inner.Contributions(
            History.OfDistinct(CollectionsMarshal.AsSpan(read.Items), CollectionsMarshal.AsSpan(read.Weights)),
            item,
            parts);
        for (var at = 0; at < history.Length; at++)
        {
            var (kind, place) = (history.Items[at] / Math.Max(1, _itemIds.Length), read.Places[at]);
            contributions[at] = place < 0
                ? 0
                : parts[place] * history.Weights[at] * _weights[kind] / read.Weights[place];
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores)
    {
        var all = new float[_inner.ItemIds.Count];
        _inner.Similar(item, all);
        all.AsSpan(0, _itemIds.Length).CopyTo(scores);
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        RecommenderFormat.WriteArray<float>(writer, _weights);
        writer.Write(IsApart);
        writer.Write(_inner.Kind);
        _inner.WriteBody(writer);
    }

    internal static BehaviourModel ReadBody(BinaryReader reader, string[] itemIds)
    {
        var kinds = reader.ReadInt32();
        if (kinds is < 1 or > 100)
        {
            throw new InvalidDataException($"A model of {kinds} kinds of behaviour.");
        }

        var weights = new float[kinds];
        for (var kind = 0; kind < kinds; kind++)
        {
            weights[kind] = reader.ReadSingle();
        }

        var ids = reader.ReadBoolean() ? ColumnIds(itemIds, kinds) : itemIds;
        return new BehaviourModel(RecommenderFormat.ReadBody(reader.ReadString(), reader, ids), itemIds, weights);
    }

    /// <summary>The ids of the columns of a model that keeps kinds apart.</summary>
    internal static string[] ColumnIds(IReadOnlyList<string> itemIds, int kinds) =>
        [.. Enumerable.Repeat(itemIds, kinds).SelectMany(ids => ids)];

    // What the model within reads, and at which of its places each entry stands: -1 for a kind without weight.
    private (List<int> Items, List<float> Weights, int[] Places) Read(History history)
    {
        history.Check(_itemIds.Length * _weights.Length);
        var (items, weights, places) = (new List<int>(), new List<float>(), new int[history.Length]);
        var known = new Dictionary<int, int>(history.Length);
        for (var at = 0; at < history.Length; at++)
        {
            var (kind, item) = Math.DivRem(history.Items[at], _itemIds.Length);
            places[at] = -1;
            if (_weights[kind] == 0)
            {
                continue;
            }

            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(
                known, IsApart ? history.Items[at] : item, out var isKnown);
            if (!isKnown)
            {
                place = items.Count;
                items.Add(IsApart ? history.Items[at] : item);
                weights.Add(0);
            }

            weights[place] += history.Weights[at] * _weights[kind];
            places[at] = place;
        }

        return (items, weights, places);
    }
}
