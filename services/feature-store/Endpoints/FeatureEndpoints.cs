using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Online;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>Online reads: the features of one entity or of many, now.</summary>
internal static class FeatureEndpoints
{
    private const int MostEntities = 500;
    private const int LongestId = 100;

    public static void MapFeatures(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/features/{entity}/{id}", GetFeatures)
            .WithName(nameof(GetFeatures))
            .WithSummary("The features of one entity now; all, or those named by ?names=a,b.")
            .RequireScope(Scopes.Read, Scopes.Fraud, Scopes.Ops);
        app.MapPost("/v1/features/read", ReadFeatures)
            .WithName(nameof(ReadFeatures))
            .WithSummary("The features of up to 500 entities now, in their order.")
            .RequireScope(Scopes.Read, Scopes.Fraud, Scopes.Ops);
    }

    private static async Task<Results<Ok<EntityFeatures>, ValidationProblem>> GetFeatures(
        string entity,
        string id,
        string? names,
        OnlineFeatures online,
        Generations generations,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        var wanted = names?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (Check(new EntityAsked(entity, id), wanted) is { } problem)
        {
            return problem;
        }

        var read = await ReadAsync([new EntityAsked(entity, id)], wanted, online, generations, clock, cancellation);
        return TypedResults.Ok(read[0]);
    }

    private static async Task<Results<Ok<IReadOnlyList<EntityFeatures>>, ValidationProblem>> ReadFeatures(
        FeaturesAsked asked,
        OnlineFeatures online,
        Generations generations,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        if (asked.Entities is not { Count: > 0 and <= MostEntities })
        {
            return Asked.Problem("entities", $"Must be 1 to {MostEntities}.");
        }

        foreach (var entity in asked.Entities)
        {
            // With several kinds, each takes the names that are its own.
            if (Check(entity, null) is { } problem)
            {
                return problem;
            }
        }

        var kinds = asked.Entities.Select(entity => Asked.Kind(entity.Entity)!.Value).Distinct();
        var known = kinds.SelectMany(kind => online.Set.FeaturesOf(kind)).Select(feature => feature.Name).ToHashSet();
        if (asked.Names?.Where(name => !known.Contains(name)).ToArray() is { Length: > 0 } unknown)
        {
            return Asked.UnknownFeatures(unknown);
        }

        return TypedResults.Ok(await ReadAsync(asked.Entities, asked.Names, online, generations, clock, cancellation));
    }

    private static ValidationProblem? Check(EntityAsked asked, IReadOnlyCollection<string>? names)
    {
        if (Asked.Kind(asked.Entity ?? string.Empty) is not { } kind)
        {
            return Asked.UnknownKind(asked.Entity ?? string.Empty);
        }

        if (string.IsNullOrEmpty(asked.Id) || asked.Id.Length > LongestId)
        {
            return Asked.Problem("id", $"Must have 1 to {LongestId} characters.");
        }

        var (_, unknown) = Asked.Features(kind, names);
        return unknown.Count > 0 ? Asked.UnknownFeatures(unknown) : null;
    }

    private static async Task<IReadOnlyList<EntityFeatures>> ReadAsync(
        IReadOnlyList<EntityAsked> asked,
        IReadOnlyCollection<string>? names,
        OnlineFeatures online,
        Generations generations,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        var isDegraded = generations.Active.IsLost;
        var store = online.Active;
        var keys = asked.Select(entity => new EntityKey(Asked.Kind(entity.Entity)!.Value, entity.Id)).ToArray();
        var states = await store.ReadAsync(keys, cancellation);
        Telemetry.Reads.Add(keys.Length);
        var at = clock.GetUtcNow();
        return
        [
            .. keys.Zip(states, (key, state) => new EntityFeatures
            {
                Entity = Asked.NameOf(key.Kind),
                Id = key.Id,
                At = at,
                EventAt = state.NewestAt,
                Definitions = online.Set.Version,
                Generation = store.Generation,
                Degraded = isDegraded,
                Features = [.. online.Set.FeaturesOf(key.Kind)
                    .Where(feature => names is null || names.Count == 0 || names.Contains(feature.Name))
                    .Select(feature => ReadFeature.Of(state.Read(feature, at)))],
            }),
        ];
    }
}

/// <summary>One entity that is asked for.</summary>
/// <param name="Entity">customer, visitor, product, session, device, ip or card.</param>
/// <param name="Id">Its id.</param>
internal sealed record EntityAsked(string Entity, string Id);

/// <summary>Body of a read of many.</summary>
internal sealed record FeaturesAsked
{
    /// <summary>1 to 500 entities, of one kind or several.</summary>
    public IReadOnlyList<EntityAsked>? Entities { get; init; }

    /// <summary>Features wanted; empty or absent is all.</summary>
    public IReadOnlyList<string>? Names { get; init; }
}

/// <summary>The features of an entity.</summary>
internal sealed record EntityFeatures
{
    public required string Entity { get; init; }

    public required string Id { get; init; }

    /// <summary>The instant of the read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Event time of the entity's newest event: its freshness. Null if nothing is known of it.</summary>
    public DateTimeOffset? EventAt { get; init; }

    /// <summary>Version of the definitions.</summary>
    public required string Definitions { get; init; }

    /// <summary>Generation of online state that was read.</summary>
    public required int Generation { get; init; }

    /// <summary>
    /// True while that generation lacks something: Redis was lost and another one is being built. Values may be too
    /// small, or defaults.
    /// </summary>
    public required bool Degraded { get; init; }

    public required IReadOnlyList<ReadFeature> Features { get; init; }
}

/// <summary>One value.</summary>
internal sealed record ReadFeature
{
    public required string Name { get; init; }

    /// <summary>Number or text; null is missing.</summary>
    public object? Value { get; init; }

    /// <summary>Event time of the newest event that counted; null if the default was used.</summary>
    public DateTimeOffset? EventAt { get; init; }

    /// <summary>Whether no event was in the window.</summary>
    public required bool IsDefault { get; init; }

    public static ReadFeature Of(FeatureValue value) => new()
    {
        Name = value.Name,
        Value = value.Number is { } number ? number : value.Text,
        EventAt = value.EventAt,
        IsDefault = value.IsDefault,
    };
}
