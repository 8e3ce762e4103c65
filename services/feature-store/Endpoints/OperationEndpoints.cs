using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>What data scientists and operations look at: definitions, freshness, statistics, rebuilds.</summary>
internal static class OperationEndpoints
{
    private const int LargestSample = 1000;
    private const int MostVerified = 100_000;

    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/definitions", GetDefinitions)
            .WithName(nameof(GetDefinitions))
            .WithSummary("Every definition and the features that it gives.")
            .RequireScope(Scopes.Read, Scopes.Fraud, Scopes.Ops);
        app.MapGet("/v1/freshness", GetFreshness)
            .WithName(nameof(GetFreshness))
            .WithSummary("The newest event of each kind, and how long ago it happened and was recorded.")
            .RequireScope(Scopes.Read, Scopes.Ops);
        app.MapGet("/v1/statistics/{entity}", GetStatistics)
            .WithName(nameof(GetStatistics))
            .WithSummary("Distribution of each feature now, over entities that were seen lately.")
            .RequireScope(Scopes.Read, Scopes.Ops);
        app.MapGet("/v1/generations", GetGenerations)
            .WithName(nameof(GetGenerations))
            .WithSummary("Generations of online state, newest first.")
            .RequireScope(Scopes.Ops);
        app.MapPost("/v1/generations", BeginGeneration)
            .WithName(nameof(BeginGeneration))
            .WithSummary("Builds a new generation of online state from history; verify entities are compared.")
            .RequireScope(Scopes.Ops);
        app.MapGet("/v1/log-fills", GetLogFills)
            .WithName(nameof(GetLogFills))
            .WithSummary("Fills of history from ingestion's log, newest first.")
            .RequireScope(Scopes.Ops);
        app.MapPost("/v1/log-fills", BeginLogFill)
            .WithName(nameof(BeginLogFill))
            .WithSummary("Reads ingestion's log from its beginning and takes in what is not known yet.")
            .RequireScope(Scopes.Ops);
    }

    private static Ok<DefinitionsAnswer> GetDefinitions(OnlineFeatures online) => TypedResults.Ok(new DefinitionsAnswer(
        online.Set.Version,
        [.. online.Set.Definitions.Select(definition => new DefinitionAnswer
        {
            Name = definition.Name,
            Entity = Asked.NameOf(definition.Entity),
            Events = definition.Events,
            Filter = definition.Filter,
            Aggregation = definition.Aggregation,
            Of = definition.Of,
            Divisor = definition.Divisor,
            Default = definition.Default,
            Type = definition.Type,
            Description = definition.Description,
            Owner = definition.Owner,
            Features = [.. definition.Windows.Select(window => new WindowAnswer(
                definition.FeatureName(window), window.TotalSeconds, definition.LevelOf(window)))],
        })]));

    private static async Task<Ok<FreshnessAnswer>> GetFreshness(
        EventHistory history, OnlineFeatures online, TimeProvider clock, CancellationToken cancellation)
    {
        var kinds = await history.FreshnessAsync(cancellation);
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new FreshnessAnswer(
            now,
            online.Active.Generation,
            [.. kinds.Select(kind => new KindFreshnessAnswer(
                kind.Kind,
                kind.EventAt,
                (now - kind.EventAt).TotalSeconds,
                kind.RecordedAt,
                (now - kind.RecordedAt).TotalSeconds))]));
    }

    private static async Task<Results<Ok<StatisticsAnswer>, ValidationProblem>> GetStatistics(
        string entity,
        OnlineFeatures online,
        EventHistory history,
        TimeProvider clock,
        CancellationToken cancellation,
        int sample = 500)
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
        var states = await online.Active.ReadAsync([.. ids.Select(id => new EntityKey(kind, id))], cancellation);
        var at = clock.GetUtcNow();
        return TypedResults.Ok(new StatisticsAnswer(
            Asked.NameOf(kind),
            ids.Count,
            [.. online.Set.FeaturesOf(kind).Select(feature => FeatureStatistics.Of(
                feature.Name, [.. states.Select(state => state.Read(feature, at))]))]));
    }

    private static async Task<Ok<IReadOnlyList<LogFill>>> GetLogFills(
        LogFills fills, CancellationToken cancellation) => TypedResults.Ok(await fills.ListAsync(cancellation));

    private static async Task<Accepted<IReadOnlyList<LogFill>>> BeginLogFill(
        LogFills fills, CancellationToken cancellation)
    {
        await fills.BeginAsync(cancellation);
        return TypedResults.Accepted("/v1/log-fills", await fills.ListAsync(cancellation));
    }

    private static async Task<Ok<IReadOnlyList<Generation>>> GetGenerations(
        Generations generations, CancellationToken cancellation) =>
        TypedResults.Ok(await generations.ListAsync(cancellation));

    private static async Task<Results<Accepted<IReadOnlyList<Generation>>, ValidationProblem>> BeginGeneration(
        Generations generations,
        RedisEpoch epochs,
        OnlineFeatures online,
        CancellationToken cancellation,
        int verify = 0)
    {
        if (verify is < 0 or > MostVerified)
        {
            return Asked.Problem("verify", $"Must be 0 to {MostVerified}.");
        }

        await generations.BeginAsync(online.Set.Version, await epochs.ReadAsync(), verify, cancellation);
        return TypedResults.Accepted("/v1/generations", await generations.ListAsync(cancellation));
    }
}

/// <summary>Every definition.</summary>
internal sealed record DefinitionsAnswer(string Version, IReadOnlyList<DefinitionAnswer> Definitions);

/// <summary>One definition.</summary>
internal sealed record DefinitionAnswer
{
    public required string Name { get; init; }

    public required string Entity { get; init; }

    public required IReadOnlyList<ShopEventKind> Events { get; init; }

    public required IReadOnlyList<FieldEquals> Filter { get; init; }

    public required Aggregation Aggregation { get; init; }

    public EventField? Of { get; init; }

    public required int Divisor { get; init; }

    public double? Default { get; init; }

    public required FeatureType Type { get; init; }

    public required string Description { get; init; }

    public required string Owner { get; init; }

    public required IReadOnlyList<WindowAnswer> Features { get; init; }
}

/// <summary>One feature: the definition at one window, held in tiles of one length.</summary>
internal sealed record WindowAnswer(string Name, double WindowSeconds, TileLevel Tile);

/// <summary>How fresh the store is.</summary>
internal sealed record FreshnessAnswer(DateTimeOffset At, int Generation, IReadOnlyList<KindFreshnessAnswer> Kinds);

/// <summary>The newest event of one kind.</summary>
internal sealed record KindFreshnessAnswer(
    string Kind, DateTimeOffset EventAt, double EventAgeSeconds, DateTimeOffset RecordedAt, double RecordedAgeSeconds);

/// <summary>Distributions of the features of one kind of entity.</summary>
internal sealed record StatisticsAnswer(string Entity, int Entities, IReadOnlyList<FeatureStatistics> Features);

/// <summary>Distribution of one feature; null numbers where it is a text or never had a value.</summary>
internal sealed record FeatureStatistics
{
    public required string Name { get; init; }

    /// <summary>Share of entities without an event in the window, 0 to 1; null without entities.</summary>
    public double? DefaultShare { get; init; }

    public double? Mean { get; init; }

    public double? Min { get; init; }

    public double? Median { get; init; }

    public double? Percentile95 { get; init; }

    public double? Max { get; init; }

    public static FeatureStatistics Of(string name, IReadOnlyList<FeatureValue> values)
    {
        double[] numbers = [.. values.Select(value => value.Number).OfType<double>().Order()];
        return new FeatureStatistics
        {
            Name = name,
            DefaultShare = values.Count == 0 ? null : values.Count(value => value.IsDefault) / (double)values.Count,
            Mean = numbers.Length == 0 ? null : numbers.Average(),
            Min = At(0),
            Median = At(0.5),
            Percentile95 = At(0.95),
            Max = At(1),
        };

        double? At(double share) =>
            numbers.Length == 0 ? null : numbers[(int)Math.Ceiling(share * (numbers.Length - 1))];
    }
}
