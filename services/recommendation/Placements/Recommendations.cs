using System.Diagnostics;
using Ecom.Contracts.Recommendations;
using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Rules;
using Ecom.Recommendation.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Recommendation.Placements;

/// <summary>Answers a storefront: one pipelined read of Redis, then memory only.</summary>
internal sealed class Recommendations(
    ListStore lists,
    CurrentModel current,
    Catalogue catalogue,
    ServedAnswers served,
    AnswerSampling sampling,
    IOptions<RecommendationOptions> options,
    TimeProvider clock)
{
    // Candidates that rules choose from.
    private const int PoolSize = 60;

    public async Task<RecommendationAnswer> AnswerAsync(RecommendationRequest request)
    {
        var started = Stopwatch.GetTimestamp();
        var model = current.Served;
        var found = await lists.TryReadAsync(new ListQuery
        {
            Generation = model?.Generation.Number ?? 0,
            Customer = request.CustomerId,
            Visitor = Visitor.Of(request.CustomerId, request.AnonymousId),
            Anchors = request.Anchors,
        });
        var inputs = found ?? ListInputs.None;
        var session = model is null || inputs.Session.Count == 0
            ? []
            : model.Model.Recommend(inputs.Session, inputs.Session, options.Value.ListLength);
        var leftOut = request.Anchors.ToHashSet();
        if (options.Value.LeaveOutBought && request.Placement.ExcludeBought)
        {
            leftOut.UnionWith(inputs.Bought);
        }

        var isSampled = sampling.TryTake();
        var pool = isSampled || !request.Rules.IsEmpty ? Math.Max(PoolSize, request.Count) : request.Count;
        var ranked = AnswerBuilder.Build(request.Placement, inputs, session, leftOut, catalogue, pool);
        var chosen = Arrange(request, ranked, leftOut);
        var id = new AnswerId
        {
            Placement = request.Placement.Name,
            ModelVersion = chosen.Any(product => IsOfModel(product.Source)) ? model?.Generation.ModelVersion ?? 0 : 0,
            Experiment = request.Arm?.ExperimentNumber ?? 0,
            Arm = request.Arm?.Index ?? 0,
            Unit = request.Arm is null
                ? 0
                : RunningExperiment.UnitOf(request.CustomerId, request.AnonymousId).GetValueOrDefault(),
            ServedAt = clock.GetUtcNow(),
        };
        var answer = ToAnswer(request, id, chosen, inputs.Bought, model, degraded: found is null || current.IsLost);
        Count(request.Placement, chosen);
        served.Add(new ServedAnswer
        {
            Message = ToServed(answer, request, model, id.ServedAt),
            Id = id,
            AnonymousId = request.AnonymousId,
            Degraded = answer.Degraded,
            Elapsed = Stopwatch.GetElapsedTime(started),
            Candidates = isSampled ? [.. ranked.Select(product => product.Item.ProductId)] : null,
            Sources = isSampled ? [.. ranked.Select(product => PlacementSources.NameOf(product.Source))] : [],
        });
        return answer;
    }

    // The rules' choice of the ranked candidates and of the products that they bring.
    private IReadOnlyList<ChosenProduct> Arrange(
        RecommendationRequest request, IReadOnlyList<ChosenProduct> ranked, HashSet<string> leftOut)
    {
        if (request.Rules.IsEmpty)
        {
            return ranked.Count > request.Count ? [.. ranked.Take(request.Count)] : ranked;
        }

        var (now, isKnown) = (clock.GetUtcNow(), request.CustomerId is not null);
        var listed = ranked.Select(product => product.Item.ProductId).ToHashSet();
        ChosenProduct[] all =
        [
            .. ranked,
            .. request.Rules.Wanted(isKnown, now)
                .Where(id => catalogue.CanBeSold(id) && !leftOut.Contains(id) && listed.Add(id))
                .Select(id => new ChosenProduct(new ListItem(id, 0, null), ListSource.Catalogue)),
        ];
        var candidates = all
            .Select(product => new RuleCandidate(product.Item.ProductId, catalogue.Find(product.Item.ProductId)))
            .ToArray();
        var places = new int[Math.Min(request.Count, all.Length)];
        var placed = request.Rules.Arrange(candidates, isKnown, now, places);
        return [.. places.Take(placed).Select(at => all[at])];
    }

    private RecommendationAnswer ToAnswer(
        RecommendationRequest request,
        AnswerId id,
        IReadOnlyList<ChosenProduct> chosen,
        IReadOnlySet<string> bought,
        ServedModel? model,
        bool degraded) => new()
        {
            RecommendationId = id.Write(),
            Placement = request.Placement.Name,
            Experiment = request.Arm?.Experiment,
            Arm = request.Arm?.Name,
            Items = [.. chosen.Select((product, index) => new RecommendedProduct
            {
                Position = index + 1,
                ProductId = product.Item.ProductId,
                Name = catalogue.Find(product.Item.ProductId)?.Name,
                Score = product.Item.Score,
                Source = PlacementSources.NameOf(product.Source),
                Reason = Reason.Of(product, bought, catalogue),
            })],
            Model = model is null ? null : new AnsweringModel
            {
                Version = model.Generation.ModelVersion,
                Trainer = model.Generation.Trainer,
                Generation = model.Generation.Number,
                AgeSeconds = model.Generation.SwitchedAt is { } at
                    ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds)
                    : 0,
            },
            Degraded = degraded || model is null,
        };

    private static ServedRecommendation ToServed(
        RecommendationAnswer answer,
        RecommendationRequest request,
        ServedModel? model,
        DateTimeOffset servedAt) => new()
        {
            RecommendationId = answer.RecommendationId,
            Placement = answer.Placement,
            CustomerId = request.CustomerId,
            ProductIds = [.. answer.Items.Select(item => item.ProductId)],
            ModelVersion = model?.Generation.ModelVersion,
            Source = answer.Items.Count == 0 ? "none" : answer.Items[0].Source,
            Experiment = request.Arm?.Experiment,
            Arm = request.Arm?.Name,
            Propensity = request.Arm?.Propensity,
            ServedAt = servedAt,
        };

    private static bool IsOfModel(ListSource source) =>
        source is ListSource.Personal or ListSource.Session or ListSource.Similar;

    private static void Count(Placement placement, IReadOnlyList<ChosenProduct> chosen)
    {
        foreach (var source in chosen.CountBy(product => product.Source))
        {
            Telemetry.Items.Add(
                source.Value,
                new("ecom.placement", placement.Name),
                new("ecom.list", PlacementSources.NameOf(source.Key)));
        }
    }
}

/// <summary>What a storefront asks, checked.</summary>
internal sealed record RecommendationRequest
{
    public required Placement Placement { get; init; }

    /// <summary>Business rules that hold at the placement.</summary>
    public RuleSet Rules { get; init; } = RuleSet.None;

    /// <summary>Arm of an experiment, whose placement this is; null outside experiments.</summary>
    public Arm? Arm { get; init; }

    public required string? CustomerId { get; init; }

    public required string? AnonymousId { get; init; }

    /// <summary>The product shown, or those in the cart; never answered.</summary>
    public required IReadOnlyList<string> Anchors { get; init; }

    public required int Count { get; init; }
}
