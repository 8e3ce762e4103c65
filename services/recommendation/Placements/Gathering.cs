using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Placements;

/// <summary>
/// Takes candidates from a placement's lists, in their order, and passes over what may not be shown. In memory only.
/// </summary>
internal readonly ref struct Gathering
{
    private readonly RecommendationRequest _request;
    private readonly ServedModel? _model;
    private readonly Candidates _candidates;
    private readonly CompactList _list;
    private readonly VisitorState _state;
    private readonly bool _leaveOutBought;

    /// <param name="request">What is asked.</param>
    /// <param name="model">What is served; null before a first model.</param>
    /// <param name="values">What Redis holds about the visitor.</param>
    /// <param name="candidates">Filled.</param>
    /// <param name="leaveOutBought">Whether what was bought may not be shown.</param>
    public Gathering(
        RecommendationRequest request,
        ServedModel? model,
        VisitorValues values,
        Candidates candidates,
        bool leaveOutBought)
    {
        _request = request;
        _model = model;
        _candidates = candidates;
        _leaveOutBought = leaveOutBought;

        // Positions in a list of another generation name other products.
        _list = model is not null && values.Generation == model.Generation.Number
            ? new CompactList(values.List)
            : default;
        _state = new VisitorState(values.State);
    }

    /// <summary>The visitor's own list, empty if there is none.</summary>
    public CompactList List => _list;

    public VisitorState State => _state;

    /// <summary>When the answer is given: what is not sold on that day is passed over.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>What is bought together; null gives nothing.</summary>
    public TogetherLists? Together { get; init; }

    /// <summary>What is popular in the visitor's segment; null gives nothing.</summary>
    public SegmentList? Segment { get; init; }

    /// <summary>Takes from the placement's lists until there are enough.</summary>
    /// <param name="popular">What everybody can be shown.</param>
    /// <param name="enough">Candidates after which no further list is opened.</param>
    /// <param name="filter">Null lets everything through.</param>
    public void FromLists(PopularLists popular, int enough, ProductFilter? filter)
    {
        var chain = _request.Placement.Chain;
        for (var at = 0; at < chain.Count && _candidates.Count < enough; at++)
        {
            var level = chain.Count - at + 1;
            switch (chain[at])
            {
                case ListSource.Personal when _request.CustomerId is not null:
                    FromOwnList(ListSource.Personal, level, filter);
                    break;
                case ListSource.Session when _request.CustomerId is null:
                    FromOwnList(ListSource.Session, level, filter);
                    break;
                case ListSource.Similar:
                    FromSimilar(level, filter);
                    break;
                case ListSource.BoughtTogether:
                    FromTogether(level, filter);
                    break;
                case ListSource.Segment when Segment is not null:
                    FromRanked(Segment.Products, ListSource.Segment, level, enough, filter);
                    break;
                case ListSource.Trending:
                    FromRanked(popular.Trending, ListSource.Trending, level, enough, filter);
                    break;
                case ListSource.Popular:
                    FromRanked(popular.Popular, ListSource.Popular, level, enough, filter);
                    break;
            }
        }
    }

    /// <summary>Takes any product on sale, in the order of ids.</summary>
    public void FromShelf(Product[] shelf, int enough, ProductFilter? filter)
    {
        for (var at = 0; at < shelf.Length && _candidates.Count < enough; at++)
        {
            if (!_candidates.IsKnown(shelf[at]) && TryAdd(shelf[at], filter, out var place))
            {
                ref var item = ref _candidates.Items[place];
                item.Source = ListSource.Catalogue;
                item.Relevance = 1 - ((float)at / shelf.Length);
            }
        }
    }

    /// <summary>Makes a product a candidate that no list gave.</summary>
    /// <returns>Its place; -1 if it may not be shown.</returns>
    public int TryBring(Product product)
    {
        if (_candidates.IsKnown(product))
        {
            return _candidates.PlaceOf(product);
        }

        if (TryAdd(product, _request.Filter, out var place))
        {
            _candidates.Items[place].Source = ListSource.Catalogue;
            _candidates.Items[place].Relevance = 1;
        }

        return place;
    }

    /// <summary>Whether a product may be shown, and if not, why.</summary>
    public Verdict Judge(Product product, ProductFacts facts, ProductFilter? filter) =>
        !facts.CanBeSoldAt(Now) ? Verdict.NotSold
        : IsIn(_request.Anchors, product) ? Verdict.Anchor
        : _leaveOutBought && _state.HasBought(product) ? Verdict.Bought
        : _state.HasHidden(product) ? Verdict.Hidden
        : _state.HasInCart(product) ? Verdict.InCart
        : IsIn(_request.Exclude, product) ? Verdict.AskedOut
        : _request.Cursor is { } cursor && cursor.Has(product) ? Verdict.ShownBefore
        : filter is not null && !filter.Fits(facts) ? Verdict.Filtered
        : Verdict.Fits;

    private void FromOwnList(ListSource source, int level, ProductFilter? filter)
    {
        var scale = ScaleOf(_list);
        for (var at = 0; at < _list.Count; at++)
        {
            var product = _model!.Products[_list.ProductAt(at)];
            if (_candidates.IsKnown(product) || !TryAdd(product, filter, out var place))
            {
                continue;
            }

            ref var item = ref _candidates.Items[place];
            item.Source = source;
            item.Score = _list.ScoreAt(at);
            item.Relevance = level + Share(item.Score, scale, at, _list.Count);
            var reason = _list.ReasonAt(at);
            item.Because = reason < 0 ? null : _model.Products[reason];
        }
    }

    // A product that fits several things in the cart fits better: scores add up, the strongest gives the reason.
    private void FromSimilar(int level, ProductFilter? filter)
    {
        if (_model is null)
        {
            return;
        }

        var first = _candidates.Count;
        foreach (var anchor in _request.Anchors)
        {
            var position = _model.Model.PositionOf(anchor);
            if (position < 0 || _model.Similar[position] is not { } value)
            {
                continue;
            }

            FromSimilar(new CompactList(value), _model.Products[position], first, filter);
        }

        Rank(first, level);
    }

    private void FromTogether(int level, ProductFilter? filter)
    {
        if (Together is null)
        {
            return;
        }

        var first = _candidates.Count;
        for (var at = 0; at < _request.Anchors.Count; at++)
        {
            if (Together.Of(_request.Anchors[at]) is { Length: > 0 } list)
            {
                FromTogether(list, Together.ProductOf(_request.Anchors[at]), first, filter);
            }
        }

        Rank(first, level);
    }

    private void FromTogether(BoughtTogether[] list, Product anchor, int first, ProductFilter? filter)
    {
        foreach (ref readonly var pair in list.AsSpan())
        {
            var place = _candidates.PlaceOf(pair.Product);
            if (place >= first)
            {
                ref var known = ref _candidates.Items[place];
                known.Score += pair.Score;
                if (pair.Score > known.Strongest)
                {
                    (known.Strongest, known.Because) = (pair.Score, anchor);
                    (known.Together, known.Of) = (pair.Together, pair.Of);
                }
            }
            else if (!_candidates.IsKnown(pair.Product) && TryAdd(pair.Product, filter, out place))
            {
                ref var item = ref _candidates.Items[place];
                item.Source = ListSource.BoughtTogether;
                (item.Score, item.Strongest, item.Because) = (pair.Score, pair.Score, anchor);
                (item.Together, item.Of) = (pair.Together, pair.Of);
            }
        }
    }

    // Scores of one list, the best nearly a whole level above the next list.
    private void Rank(int first, int level)
    {
        var best = 0f;
        foreach (ref readonly var item in _candidates.Items[first..])
        {
            best = Math.Max(best, item.Score);
        }

        foreach (ref var item in _candidates.Items[first..])
        {
            item.Relevance = level + (best > 0 ? 0.999f * item.Score / best : 0);
        }
    }

    private void FromSimilar(CompactList list, Product anchor, int first, ProductFilter? filter)
    {
        for (var at = 0; at < list.Count; at++)
        {
            var product = _model!.Products[list.ProductAt(at)];
            var score = list.ScoreAt(at);
            var place = _candidates.PlaceOf(product);
            if (place >= first)
            {
                ref var known = ref _candidates.Items[place];
                known.Score += score;
                if (score > known.Strongest)
                {
                    (known.Strongest, known.Because) = (score, anchor);
                }
            }
            else if (!_candidates.IsKnown(product) && TryAdd(product, filter, out place))
            {
                ref var item = ref _candidates.Items[place];
                item.Source = ListSource.Similar;
                (item.Score, item.Strongest, item.Because) = (score, score, anchor);
            }
        }
    }

    private void FromRanked(RankedProduct[] list, ListSource source, int level, int enough, ProductFilter? filter)
    {
        var scale = list.Length == 0 ? 0 : list[0].Score;
        for (var at = 0; at < list.Length && _candidates.Count < enough; at++)
        {
            if (!_candidates.IsKnown(list[at].Product) && TryAdd(list[at].Product, filter, out var place))
            {
                ref var item = ref _candidates.Items[place];
                item.Source = source;
                item.Score = list[at].Score;
                item.Relevance = level + Share(item.Score, scale, at, list.Length);
            }
        }
    }

    private bool TryAdd(Product product, ProductFilter? filter, out int place)
    {
        var facts = product.Facts;
        place = -1;
        switch (Judge(product, facts, filter))
        {
            case Verdict.Fits:
                place = _candidates.Count;
                _candidates.Add(product, facts);
                return true;
            case Verdict.Filtered:
                // Without the filter it may still be wanted.
                return false;
            default:
                _candidates.PassOver(product);
                return false;
        }
    }

    private static float ScaleOf(CompactList list) => list.Count == 0 ? 0 : list.ScoreAt(0);

    // Between 0 and 1, and falling: the place decides where scores say nothing.
    private static float Share(float score, float best, int at, int count) =>
        best > 0 && score > 0 ? 0.999f * score / best : 0.001f * (1 - ((float)at / count));

    private static bool IsIn(IReadOnlyList<string> ids, Product product)
    {
        for (var at = 0; at < ids.Count; at++)
        {
            if (ids[at] == product.Id)
            {
                return true;
            }
        }

        return false;
    }
}
