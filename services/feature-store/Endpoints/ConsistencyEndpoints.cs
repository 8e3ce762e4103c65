using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>Whether online values are what history says: recomputes a sample.</summary>
internal static class ConsistencyEndpoints
{
    private const int LargestSample = 200;

    public static void MapConsistency(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/consistency/{entity}", GetConsistency)
            .WithName(nameof(GetConsistency))
            .WithSummary("Online values of entities seen lately against the same computed from history.")
            .RequireScope(Scopes.Ops);

    private static async Task<Results<Ok<ConsistencyAnswer>, ValidationProblem>> GetConsistency(
        string entity,
        OnlineFeatures online,
        EventHistory history,
        TimeProvider clock,
        CancellationToken cancellation,
        int sample = 20)
    {
        if (Asked.Kind(entity) is not { } kind)
        {
            return Asked.UnknownKind(entity);
        }

        if (sample is < 1 or > LargestSample)
        {
            return Asked.Problem("sample", $"Must be 1 to {LargestSample}.");
        }

        var ids = await history.NewestEntitiesAsync(kind, sample, cancellation);
        EntityKey[] keys = [.. ids.Select(id => new EntityKey(kind, id))];
        var states = await online.Active.ReadAsync(keys, cancellation);
        var at = clock.GetUtcNow();
        var kinds = online.Set.DefinitionsOf(kind).SelectMany(definition => definition.Events)
            .Append(ShopEventKind.CustomerIdentified).Distinct();
        var events = history.EventsAsync(kinds, at - Tiles.LongestWindow - TimeSpan.FromDays(2), at, cancellation);
        var differences = new List<DifferenceAnswer>();
        var rows = new FeatureReplay(online.Set)
            .RunAsync(events, [.. keys.Select(key => new ReplayRequest(key, at))], null, cancellation);
        await foreach (var row in rows)
        {
            differences.AddRange(states[row.Index].Read(at).Zip(row.Values)
                .Where(pair => pair.First != pair.Second)
                .Select(pair => new DifferenceAnswer(
                    row.Request.Entity.Id, ReadFeature.Of(pair.First), ReadFeature.Of(pair.Second))));
        }

        return TypedResults.Ok(new ConsistencyAnswer(
            Asked.NameOf(kind), at, keys.Length, online.Set.FeaturesOf(kind).Count, differences));
    }
}

/// <summary>What the comparison found.</summary>
/// <param name="Entity">Kind of entity.</param>
/// <param name="At">The instant of both values.</param>
/// <param name="Entities">Entities compared.</param>
/// <param name="Features">Features compared of each.</param>
/// <param name="Differences">Every value that differs; empty when all agree.</param>
internal sealed record ConsistencyAnswer(
    string Entity, DateTimeOffset At, int Entities, int Features, IReadOnlyList<DifferenceAnswer> Differences);

/// <summary>One value that differs.</summary>
/// <param name="Id">The entity.</param>
/// <param name="Online">As Redis has it.</param>
/// <param name="History">As history gives it.</param>
internal sealed record DifferenceAnswer(string Id, ReadFeature Online, ReadFeature History);
