using System.Diagnostics;
using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Placements;

/// <summary>Answers a storefront: one round trip to Redis, then memory only.</summary>
internal sealed partial class Recommendations(
    ListStore lists,
    CurrentModel current,
    Catalogue catalogue,
    PopularLists popular,
    TogetherLists together,
    RecentlyShown recently,
    Reactions reactions,
    ServedAnswers served,
    AnswerSampling sampling,
    IOptions<RecommendationOptions> options,
    TimeProvider clock)
{
    // Candidates for each product wanted: what diversity, rotation and rules may choose from.
    private const int CandidatesEach = 4;
    private const int FewestCandidates = 60;

    // What does not fit a filter stands behind everything that does.
    private const float Unfitting = 1_000;

    private static readonly List<int> _noAnchors = [];

    private readonly bool _leaveOutBought = options.Value.LeaveOutBought;

    public async Task<Utf8Answer> AnswerAsync(RecommendationRequest request)
    {
        var started = Stopwatch.GetTimestamp();
        var model = current.Served;
        var visitor = Visitor.Of(request.CustomerId, request.AnonymousId);
        var values = await lists.ReadAsync(model, visitor, AnchorsIn(model, request));
        return Compose(request, model, visitor, values, started);
    }

    /// <summary>Whether a product is known, to the shop's catalogue or to the model.</summary>
    public bool Knows(string productId) => catalogue.Find(productId) is not null;

    private Utf8Answer Compose(
        RecommendationRequest request, ServedModel? model, string? visitor, VisitorValues values, long started)
    {
        var candidates = Candidates.Begin(catalogue.Count);
        var now = clock.GetUtcNow();
        var gathering = GatheringOf(request, model, values, candidates, now);
        var isSampled = sampling.TryTake();
        var explores = request.Placement.Exploration > 0;
        var pool = isSampled || explores || !request.Rules.IsEmpty
            ? Math.Max(FewestCandidates, request.Count)
            : request.Count;
        var fitting = Gather(request, gathering, candidates, pool);
        var random = SeededDraw.Of(visitor, now);
        var shelfShare = explores ? DrawFromShelf(request, gathering, candidates, ref random) : 0;
        Sink(request.Placement, visitor, candidates.Items);

        // Where chance has a say, every candidate may be shown.
        Span<int> ranked = stackalloc int[explores ? candidates.Count : pool];
        ranked = ranked[..Selection.Rank(candidates.Items, request.Placement, request.Count, ranked)];
        Span<int> order = stackalloc int[explores ? ranked.Length + RuleSet.MostRules : request.Count];
        Span<bool> pinned = stackalloc bool[order.Length];
        order = request.Rules.IsEmpty
            ? ranked
            : order[..Arrange(request, gathering, candidates, ranked, now, order, pinned)];
        Span<int> places = stackalloc int[Math.Min(request.Count, order.Length)];
        order[..places.Length].CopyTo(places);
        if (explores)
        {
            Selection.Explore(
                candidates.Items,
                order,
                request.Rules.IsEmpty ? default : pinned[..order.Length],
                request.Placement.Exploration,
                ref random,
                shelfShare,
                places);
        }

        if (visitor is not null && model is not null && !values.IsAway && IsStale(gathering))
        {
            reactions.Touch([visitor]);
        }

        var id = IdOf(request, model, candidates.Items, places, now);
        var head = HeadOf(request, model, values, fitting, candidates.Items, places) with
        {
            Id = id.Write(),
            Segment = gathering.Segment?.EscapedName,
        };
        Note(request, visitor, id, head, candidates.Items, places, isSampled ? ranked : [], started);
        return AnswerWriter.Write(head, candidates.Items, places, gathering.State);
    }

    private Gathering GatheringOf(
        RecommendationRequest request,
        ServedModel? model,
        VisitorValues values,
        Candidates candidates,
        DateTimeOffset now) => new(
            request, model, values, candidates, _leaveOutBought && request.Placement.ExcludeBought)
        {
            Together = together,
            Segment = popular.OfSegment(new VisitorState(values.State).Segment),
            Now = now,
        };

    // The rules' choice of the ranked candidates and of the products that they bring.
    private int Arrange(
        RecommendationRequest request,
        Gathering gathering,
        Candidates candidates,
        ReadOnlySpan<int> ranked,
        DateTimeOffset now,
        Span<int> places,
        Span<bool> pinned)
    {
        var isKnown = request.CustomerId is not null;
        Span<int> all = stackalloc int[ranked.Length + RuleSet.MostRules];
        ranked.CopyTo(all);
        var count = ranked.Length;
        foreach (var id in request.Rules.Wanted(isKnown, now))
        {
            if (catalogue.Find(id) is { } wanted && gathering.TryBring(wanted) is var place and >= 0
                && !all[..count].Contains(place))
            {
                all[count++] = place;
            }
        }

        Span<ulong> matches = stackalloc ulong[count];
        for (var at = 0; at < matches.Length; at++)
        {
            ref readonly var candidate = ref candidates.Items[all[at]];
            matches[at] = request.Rules.MatchesOf(candidate.Product, candidate.Facts);
        }

        places = places[..Math.Min(places.Length, count)];
        var placed = request.Rules.Arrange(matches, isKnown, now, places, pinned[..places.Length]);
        for (var at = 0; at < placed; at++)
        {
            places[at] = all[places[at]];
        }

        return placed;
    }

    // How many candidates fit the filter.
    private int Gather(RecommendationRequest request, Gathering gathering, Candidates candidates, int pool)
    {
        var enough = Math.Max(FewestCandidates, request.Count * CandidatesEach);
        gathering.FromLists(popular, enough, request.Filter);
        if (candidates.Count < pool)
        {
            gathering.FromShelf(catalogue.Shelf, pool, request.Filter);
        }

        var fitting = candidates.Count;
        if (request.Filter is not null && fitting < request.Count && !request.Strict)
        {
            gathering.FromLists(popular, enough, filter: null);
            gathering.FromShelf(catalogue.Shelf, pool, filter: null);
            foreach (ref var unfitting in candidates.Items[fitting..])
            {
                unfitting.Relevance -= Unfitting;
            }
        }

        return fitting;
    }

    // Products of the whole shelf, drawn anew for each answer: so that those on no list are seen at all.
    private double DrawFromShelf(
        RecommendationRequest request, Gathering gathering, Candidates candidates, ref SeededDraw random)
    {
        var shelf = catalogue.Shelf;
        for (var draw = 0; draw < Selection.Explored && shelf.Length > 0; draw++)
        {
            var product = shelf[(int)(random.Next() * shelf.Length)];
            gathering.FromShelf([product], candidates.Count + 1, request.Filter);
        }

        return shelf.Length == 0 ? 0 : Math.Min(1, (double)Selection.Explored / shelf.Length);
    }

    private void Sink(Placement placement, string? visitor, Span<Candidate> candidates)
    {
        if (placement.Rotation <= 0 || visitor is null)
        {
            return;
        }

        foreach (ref var candidate in candidates)
        {
            candidate.Shown = recently.Of(visitor, candidate.Product);
        }
    }

    // What was made before something happened, or lost, is made anew for the next request.
    private static bool IsStale(Gathering gathering) =>
        !gathering.State.IsKnown || gathering.List.Ticket < gathering.State.Ticket;

    private AnswerHead HeadOf(
        RecommendationRequest request,
        ServedModel? model,
        VisitorValues values,
        int fitting,
        ReadOnlySpan<Candidate> candidates,
        ReadOnlySpan<int> places) => new()
        {
            Placement = request.Placement.Utf8Name,
            Arm = request.Arm,
            Personalised = IsPersonal(candidates, places),
            Model = model,
            ModelAgeSeconds = model?.Generation.SwitchedAt is { } at
                ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds)
                : 0,
            DegradedBecause = values.IsAway ? "redis_away"u8
                : model is null ? "no_model"u8
                : current.IsLost ? "lists_lost"u8
                : default,
            Filtered = request.Filter is null ? default
                : fitting >= request.Count ? "kept"u8
                : !request.Strict ? "relaxed"u8
                : fitting > 0 ? "short"u8
                : "empty"u8,
            Fitting = Math.Min(fitting, request.Count),
            Cursor = request.Cursor,
        };

    private static AnswerId IdOf(
        RecommendationRequest request,
        ServedModel? model,
        ReadOnlySpan<Candidate> candidates,
        ReadOnlySpan<int> places,
        DateTimeOffset now)
    {
        var isOfModel = false;
        foreach (var place in places)
        {
            isOfModel |= candidates[place].Source is ListSource.Personal or ListSource.Session or ListSource.Similar;
        }

        return new AnswerId
        {
            Placement = request.Placement.Name,
            ModelVersion = isOfModel ? model?.Generation.ModelVersion ?? 0 : 0,
            Experiment = request.Arm?.ExperimentNumber ?? 0,
            Arm = request.Arm?.Index ?? 0,
            Unit = request.Arm is null ? 0 : request.Unit.GetValueOrDefault(),
            ServedAt = now,
        };
    }

    private void Note(
        RecommendationRequest request,
        string? visitor,
        AnswerId id,
        AnswerHead head,
        ReadOnlySpan<Candidate> candidates,
        ReadOnlySpan<int> places,
        ReadOnlySpan<int> sampled,
        long started)
    {
        Telemetry.Items.Add(request.Placement, candidates, places);
        if (visitor is not null && request.Placement.Rotation > 0)
        {
            recently.Add(visitor, ProductsOf(candidates, places));
        }

        served.Add(new ServedAnswer
        {
            Message = new ServedRecommendation
            {
                RecommendationId = head.Id,
                Placement = request.Placement.Name,
                CustomerId = request.CustomerId,
                ProductIds = IdsOf(candidates, places),
                Propensities = request.Placement.Exploration > 0 ? PropensitiesOf(candidates, places) : null,
                ModelVersion = head.Model?.Generation.ModelVersion,
                Source = places.IsEmpty ? "none" : PlacementSources.NameOf(candidates[places[0]].Source),
                Experiment = request.Arm?.Experiment,
                Arm = request.Arm?.Name,
                Propensity = request.Arm?.Propensity,
                ServedAt = id.ServedAt,
            },
            Id = id,
            AnonymousId = request.AnonymousId,
            Degraded = !head.DegradedBecause.IsEmpty,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Candidates = sampled.IsEmpty ? null : IdsOf(candidates, sampled),
            Sources = SourcesOf(candidates, sampled),
        });
    }

    private static string[] IdsOf(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        var ids = new string[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            ids[at] = candidates[places[at]].Product.Id;
        }

        return ids;
    }

    private static string[] SourcesOf(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        var sources = places.IsEmpty ? [] : new string[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            sources[at] = PlacementSources.NameOf(candidates[places[at]].Source);
        }

        return sources;
    }

    private static List<int> AnchorsIn(ServedModel? model, RecommendationRequest request)
    {
        if (model is null || request.Anchors.Count == 0)
        {
            return _noAnchors;
        }

        var positions = new List<int>(request.Anchors.Count);
        for (var at = 0; at < request.Anchors.Count; at++)
        {
            if (model.Model.PositionOf(request.Anchors[at]) is var position and >= 0)
            {
                positions.Add(position);
            }
        }

        return positions;
    }

    private static bool IsPersonal(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        foreach (var place in places)
        {
            if (candidates[place].Source is ListSource.Personal or ListSource.Session)
            {
                return true;
            }
        }

        return false;
    }

    private static Product[] ProductsOf(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        var products = new Product[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            products[at] = candidates[places[at]].Product;
        }

        return products;
    }

    private static double[] PropensitiesOf(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> places)
    {
        var propensities = new double[places.Length];
        for (var at = 0; at < places.Length; at++)
        {
            propensities[at] = candidates[places[at]].Propensity;
        }

        return propensities;
    }
}
