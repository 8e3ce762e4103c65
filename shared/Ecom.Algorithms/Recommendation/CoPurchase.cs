namespace Ecom.Algorithms.Recommendation;

/// <summary>What "together" means.</summary>
public enum PurchaseUnit
{
    /// <summary>Strict: in the same basket.</summary>
    Basket,

    /// <summary>Relaxed: by the same customer, at whatever time.</summary>
    Customer,
}

/// <summary>By what the partners of an item are ranked.</summary>
public enum CoPurchaseMeasure
{
    /// <summary>The share of baskets with the item that hold the other: favours what sells anyway.</summary>
    Confidence,

    /// <summary>Confidence over the root of the other's popularity (a cosine): between the two.</summary>
    Cosine,

    /// <summary>Log-likelihood ratio: how surely the two belong together.</summary>
    LogLikelihood,
}

/// <summary>Settings of <see cref="CoPurchase"/>.</summary>
public sealed record CoPurchaseOptions
{
    /// <summary>What the rows of the data are. Default baskets.</summary>
    public PurchaseUnit Unit { get; init; } = PurchaseUnit.Basket;

    /// <summary>How partners are ranked. Default cosine.</summary>
    public CoPurchaseMeasure Measure { get; init; } = CoPurchaseMeasure.Cosine;

    /// <summary>A pair must have been taken together so often, at least 1. Default 2.</summary>
    public int LeastTogether { get; init; } = 2;

    /// <summary>Partners kept for each item, at least 1. Default 100.</summary>
    public int Neighbours { get; init; } = 100;
}

/// <summary>"Also bought": items that are taken together more often than by chance, with the counts as
/// evidence.</summary>
/// <remarks>
/// <para>Sources: Linden, Smith and York, "Amazon.com recommendations", IEEE Internet Computing 2003; log-likelihood
/// ratio after Dunning 1993. Only pairs with a lift above 1 count.</para>
/// <para>Score of an item: Σ over the history of weight · measure. Cost: fit O(Σ d²) for baskets of d items; memory
/// items · neighbours · 12 bytes; score O(history · neighbours). Deterministic.</para>
/// <para>Degenerate cases: baskets of one item teach nothing beyond counts; an item without partners says
/// nothing.</para>
/// </remarks>
public sealed class CoPurchase : IRecommender
{
    internal const string KindName = "co-purchase";

    private readonly string[] _itemIds;
    private readonly NeighbourRows _partners;
    private readonly NeighbourRows _together;
    private readonly int[] _counts;
    private readonly int _total;

    // The rows of together are those of partners, with the counts as values.
    private CoPurchase(
        string[] itemIds, PurchaseUnit unit, NeighbourRows partners, NeighbourRows together, int[] counts, int total)
    {
        _itemIds = itemIds;
        Unit = unit;
        _partners = partners;
        _together = together;
        _counts = counts;
        _total = total;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>What the counts are of.</summary>
    public PurchaseUnit Unit { get; }

    /// <summary>Counts pairs.</summary>
    /// <param name="units">Baskets × items, or customers × items; the weights do not matter.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static CoPurchase Fit(
        Interactions units,
        IReadOnlyList<string> itemIds,
        CoPurchaseOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeastTogether, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, units.ItemCount);
        var byItem = units.Transpose();
        var counts = new int[ids.Length];
        for (var item = 0; item < counts.Length; item++)
        {
            counts[item] = byItem.ItemsOf(item).Length;
        }

        var partners = new ScoredItem[ids.Length][];
        var together = new ScoredItem[ids.Length][];
        var pairs = new int[ids.Length];
        for (var item = 0; item < ids.Length; item++)
        {
            cancellation.ThrowIfCancellationRequested();
            var others = CountPairs(item, units, byItem, pairs);
            var values = others.ConvertAll(other => Value(
                new PairEvidence(pairs[other], counts[item], counts[other], units.UserCount), options));
            var best = TopItems.Select([.. values], options.Neighbours, floor: 0, exclude: []);
            partners[item] = Array.ConvertAll(best, one => one with { Item = others[one.Item] });
            together[item] = Array.ConvertAll(partners[item], one => one with { Score = pairs[one.Item] });
            others.ForEach(other => pairs[other] = 0);
        }

        return new CoPurchase(
            ids, options.Unit, NeighbourRows.Of(partners), NeighbourRows.Of(together), counts, units.UserCount);
    }

    /// <summary>The counts of a pair, or null when the second is no partner of the first.</summary>
    /// <param name="item">The item that is the reason.</param>
    /// <param name="other">The item that is proposed.</param>
    public PairEvidence? Evidence(int item, int other)
    {
        var together = (int)_together.Value(item, other);
        return together == 0 ? null : new PairEvidence(together, _counts[item], _counts[other], _total);
    }

    /// <summary>The partners of an item, best first, with the counts.</summary>
    public IReadOnlyList<CoPurchasePartner> PartnersOf(int item)
    {
        var items = _partners.ItemsOf(item);
        var scores = _partners.ValuesOf(item);
        var counts = _together.ValuesOf(item);
        var list = new CoPurchasePartner[items.Length];
        for (var at = 0; at < list.Length; at++)
        {
            list[at] = new CoPurchasePartner(
                items[at],
                scores[at],
                new PairEvidence((int)counts[at], _counts[item], _counts[items[at]], _total));
        }

        return list;
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        for (var at = 0; at < history.Length; at++)
        {
            _partners.AddTo(scores, history.Items[at], history.Weights[at]);
        }
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        for (var at = 0; at < history.Length; at++)
        {
            contributions[at] = history.Weights[at] * _partners.Value(history.Items[at], item);
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores) => Score(new[] { item }, scores);

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((int)Unit);
        writer.Write(_total);
        RecommenderFormat.WriteArray<int>(writer, _counts);
        _partners.Write(writer);
        _together.Write(writer);
    }

    internal static CoPurchase ReadBody(BinaryReader reader, string[] itemIds)
    {
        var unit = (PurchaseUnit)reader.ReadInt32();
        var total = reader.ReadInt32();
        var counts = RecommenderFormat.ReadArray<int>(reader, itemIds.Length);
        var partners = NeighbourRows.Read(reader, itemIds.Length);
        return new CoPurchase(
            itemIds, unit, partners, NeighbourRows.Read(reader, itemIds.Length), counts, total);
    }

    // Fills the counts of an item's partners and answers who they are, ascending.
    private static List<int> CountPairs(int item, Interactions units, Interactions byItem, int[] pairs)
    {
        var others = new List<int>();
        foreach (var unit in byItem.ItemsOf(item))
        {
            foreach (var other in units.ItemsOf(unit))
            {
                if (other != item && pairs[other]++ == 0)
                {
                    others.Add(other);
                }
            }
        }

        others.Sort();
        return others;
    }

    private static float Value(PairEvidence pair, CoPurchaseOptions options)
    {
        if (pair.Together < options.LeastTogether || pair.Lift <= 1)
        {
            return 0;
        }

        return (float)(options.Measure switch
        {
            CoPurchaseMeasure.Confidence => pair.Confidence,
            CoPurchaseMeasure.Cosine => pair.Together / Math.Sqrt((double)pair.WithItem * pair.WithOther),
            _ => pair.LogLikelihoodRatio,
        });
    }
}
