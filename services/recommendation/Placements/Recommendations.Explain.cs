using System.Text.Json;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Placements;

/// <content>The same stages once more, watched for one product: nothing is left to chance, counted, noted or
/// announced.</content>
internal sealed partial class Recommendations
{
    /// <summary>What each stage says of a product.</summary>
    /// <returns>Null if neither the catalogue nor the model knows the product.</returns>
    public async Task<Explanation?> ExplainAsync(RecommendationRequest request, string productId)
    {
        if (catalogue.Find(productId) is not { } product)
        {
            return null;
        }

        var model = current.Served;
        var visitor = Visitor.Of(request.CustomerId, request.AnonymousId);
        return Explain(
            request, product, model, visitor, await lists.ReadAsync(model, visitor, AnchorsIn(model, request)));
    }

    private Explanation Explain(
        RecommendationRequest request, Product product, ServedModel? model, string? visitor, VisitorValues values)
    {
        var candidates = Candidates.Begin(catalogue.Count);
        var now = clock.GetUtcNow();
        var gathering = GatheringOf(request, model, values, candidates, now);
        var isKnown = request.CustomerId is not null;
        var pool = Math.Max(FewestCandidates, request.Count);
        Gather(request, gathering, candidates, pool);
        Sink(request.Placement, visitor, candidates.Items);
        Span<int> ranked = stackalloc int[pool];
        ranked = ranked[..Selection.Rank(candidates.Items, request.Placement, request.Count, ranked)];
        Span<int> places = stackalloc int[request.Count];
        Span<bool> pinned = stackalloc bool[request.Count];
        places = places[..Arrange(request, gathering, candidates, ranked, now, places, pinned)];

        var facts = product.Facts;
        var place = candidates.PlaceOf(product);
        var position = place < 0 ? -1 : places.IndexOf(place);
        var exclusion = gathering.Judge(product, facts, request.Filter);
        var held = ListsWith(product, request, gathering, model);
        RuleVerdict[] rules = [.. request.Rules.Explain(new RuleCandidate(product.Id, facts.Master), isKnown, now)];
        return new Explanation
        {
            ProductId = product.Id,
            Placement = request.Placement.Name,
            Experiment = request.Arm?.Experiment,
            Arm = request.Arm?.Name,
            Segment = gathering.Segment?.Name,
            Position = position < 0 ? null : position + 1,
            NotShownBecause = position >= 0 ? null
                : place >= 0 ? rules.Any(rule => rule.Effect == "exclude") ? "rule" : "outranked"
                : CodeOf(exclusion) ?? (held.Count == 0 ? "not_listed" : "not_reached"),
            Lists = held,
            Exclusion = CodeOf(exclusion),
            Ranking = place < 0 ? null : RankOf(candidates, place, ranked.IndexOf(place)),
            Rules = rules,
            ModelVersion = model?.Generation.ModelVersion,
            Degraded = model is null || values.IsAway || current.IsLost,
        };
    }

    private static ExplainedRank RankOf(Candidates candidates, int place, int before)
    {
        ref readonly var candidate = ref candidates.Items[place];
        return new ExplainedRank
        {
            List = PlacementSources.NameOf(candidate.Source),
            Candidates = candidates.Count,
            Relevance = candidate.Relevance,
            IsPopular = candidate.IsPopular,
            Likeness = candidate.Likeness,
            ShownLately = candidate.Shown,
            BeforeRules = before < 0 ? null : before + 1,
        };
    }

    // Also the lists that an answer did not need to open.
    private List<HoldingList> ListsWith(
        Product product, RecommendationRequest request, Gathering gathering, ServedModel? model)
    {
        var held = new List<HoldingList>();
        foreach (var source in request.Placement.Chain)
        {
            switch (source)
            {
                case ListSource.Personal when request.CustomerId is not null:
                case ListSource.Session when request.CustomerId is null:
                    AddModelled(held, gathering.List, source, product, model, because: null, gathering.State);
                    break;
                case ListSource.Similar when model is not null:
                    foreach (var anchor in AnchorsIn(model, request))
                    {
                        AddModelled(
                            held,
                            new CompactList(model.Similar[anchor]),
                            source,
                            product,
                            model,
                            model.Products[anchor],
                            gathering.State);
                    }

                    break;
                case ListSource.BoughtTogether:
                    foreach (var anchor in request.Anchors)
                    {
                        AddTogether(held, anchor, product, gathering.State);
                    }

                    break;
                case ListSource.Segment when gathering.Segment is { } segment:
                    AddRanked(held, segment.Products, source, product, gathering.State, segment.Name);
                    break;
                case ListSource.Trending:
                    AddRanked(held, popular.Trending, source, product, gathering.State);
                    break;
                case ListSource.Popular:
                    AddRanked(held, popular.Popular, source, product, gathering.State);
                    break;
            }
        }

        if (Array.IndexOf(catalogue.Shelf, product) is var at and >= 0)
        {
            held.Add(HoldingList.Of(
                ListSource.Catalogue, at, catalogue.Shelf.Length, score: null, because: null, gathering.State));
        }

        return held;
    }

    private static void AddModelled(
        List<HoldingList> held,
        CompactList list,
        ListSource source,
        Product product,
        ServedModel? model,
        Product? because,
        VisitorState state)
    {
        for (var at = 0; at < list.Count; at++)
        {
            if (model!.Products[list.ProductAt(at)] == product)
            {
                because ??= list.ReasonAt(at) is var reason and >= 0 ? model.Products[reason] : null;
                held.Add(HoldingList.Of(source, at, list.Count, list.ScoreAt(at), because, state));
                return;
            }
        }
    }

    private void AddTogether(List<HoldingList> held, string anchor, Product product, VisitorState state)
    {
        var list = together.Of(anchor);
        if (Array.FindIndex(list, pair => pair.Product == product) is var at and >= 0)
        {
            held.Add(HoldingList.Of(
                ListSource.BoughtTogether,
                at,
                list.Length,
                list[at].Score,
                together.ProductOf(anchor),
                state,
                (list[at].Together, list[at].Of)));
        }
    }

    private static void AddRanked(
        List<HoldingList> held,
        RankedProduct[] list,
        ListSource source,
        Product product,
        VisitorState state,
        string? segment = null)
    {
        if (Array.FindIndex(list, item => item.Product == product) is var at and >= 0)
        {
            held.Add(HoldingList.Of(
                source, at, list.Length, list[at].Score, because: null, state, segment: segment));
        }
    }

    private static string? CodeOf(Verdict verdict) =>
        verdict == Verdict.Fits ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.ToString());
}
