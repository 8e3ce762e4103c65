using System.Runtime.CompilerServices;
using Ecom.FeatureStore.Definitions;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.FeatureStore.Endpoints;

/// <summary>
/// Point-in-time training sets: features as they were before each instant, labels from what came after.
/// </summary>
internal static class TrainingSetEndpoints
{
    public static void MapTrainingSets(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/training-sets", CreateTrainingSet)
            .WithName(nameof(CreateTrainingSet))
            .WithSummary("Rows of features at instants of the past, oldest first, one JSON object a line.")
            .Produces<TrainingRow>(contentType: "application/x-ndjson")
            .RequireScope(Scopes.Ops);

    private static async Task<Results<NdjsonResult<TrainingRow>, ValidationProblem>> CreateTrainingSet(
        TrainingSetAsked asked,
        EventHistory history,
        TrainingLabels labels,
        IOptions<FeatureStoreOptions> options,
        CancellationToken cancellation)
    {
        if (Asked.Kind(asked.Entity ?? string.Empty) is not { } kind)
        {
            return Asked.UnknownKind(asked.Entity ?? string.Empty);
        }

        var (features, unknown) = Asked.Features(kind, asked.Features);
        if (unknown.Count > 0)
        {
            return Asked.UnknownFeatures(unknown);
        }

        if (CheckRows(asked, options.Value.TrainingRows) is { } problem)
        {
            return problem;
        }

        var rows = asked.Rows ?? [.. (await history.EntitiesAsync(kind, asked.At!.Value, cancellation))
            .Select(id => new RowAsked { Id = id, At = asked.At.Value })];
        return new NdjsonResult<TrainingRow>(
            RowsAsync(kind, features, rows, asked.Labels ?? [], history, labels, cancellation));
    }

    private static ValidationProblem? CheckRows(TrainingSetAsked asked, int most)
    {
        if (asked.Rows is null == asked.At is null)
        {
            return Asked.Problem("rows", "Give either rows, or 'at' for every entity known at that instant.");
        }

        if (asked.Rows is { } rows && (rows.Count > most || rows.Any(row => string.IsNullOrEmpty(row.Id))))
        {
            return Asked.Problem("rows", $"At most {most} rows, each with an id.");
        }

        return asked.Labels?.Any(label => label.Events is not { Count: > 0 } || label.Window <= TimeSpan.Zero) == true
            ? Asked.Problem("labels", "Each label needs events and a window, for example \"30.00:00:00\".")
            : null;
    }

    private static async IAsyncEnumerable<TrainingRow> RowsAsync(
        EntityKind kind,
        IReadOnlyList<Feature> features,
        IReadOnlyList<RowAsked> rows,
        IReadOnlyList<LabelAsked> labels,
        EventHistory history,
        TrainingLabels labelled,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            yield break;
        }

        var found = await LabelsAsync(kind, rows, labels, labelled, cancellation);
        var kinds = features.SelectMany(feature => feature.Definition.Events)
            .Append(ShopEventKind.CustomerIdentified).Distinct();
        // Nothing older can reach a window: the longest, the whole tile that it begins in, and a day to spare.
        var from = rows.Min(row => row.At) - Tiles.LongestWindow - TimeSpan.FromDays(2);
        var events = history.EventsAsync(kinds, from, rows.Max(row => row.At), cancellation);
        var requests = rows.Select(row => new ReplayRequest(new EntityKey(kind, row.Id), row.At)).ToArray();
        var names = features.Select(feature => feature.Name).ToHashSet();
        await foreach (var row in new FeatureReplay(ShopFeatures.Set).RunAsync(events, requests, names, cancellation))
        {
            yield return new TrainingRow
            {
                Row = row.Index,
                Id = row.Request.Entity.Id,
                At = row.Request.At,
                Label = rows[row.Index].Label,
                Labels = labels.Index().ToDictionary(pair => pair.Item.Name, pair => found[pair.Index][row.Index]),
                Features = row.Values.ToDictionary(
                    value => value.Name, object? (value) => value.Number is { } number ? number : value.Text),
            };
        }
    }

    private static async Task<List<double[]>> LabelsAsync(
        EntityKind kind,
        IReadOnlyList<RowAsked> rows,
        IReadOnlyList<LabelAsked> labels,
        TrainingLabels labelled,
        CancellationToken cancellation)
    {
        string[] ids = [.. rows.Select(row => row.Id)];
        DateTimeOffset[] instants = [.. rows.Select(row => row.At)];
        var found = new List<double[]>();
        foreach (var label in labels)
        {
            var read = await labelled.ReadAsync(
                kind, ids, instants, label.Events, label.Window, label.KnownBefore, cancellation);
            found.Add([.. read.Select(each => (double)(label.Sum ? each.Sum : each.Count))]);
        }

        return found;
    }
}

/// <summary>Body of a request for a training set.</summary>
internal sealed record TrainingSetAsked
{
    /// <summary>customer, product, session, device, ip or card.</summary>
    public string? Entity { get; init; }

    /// <summary>Features wanted; empty or absent is all.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>The rows wanted. Absent: one for every entity known at <see cref="At"/>.</summary>
    public IReadOnlyList<RowAsked>? Rows { get; init; }

    /// <summary>One instant for every entity that had an event before it, in place of rows.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>What to count after each row's instant.</summary>
    public IReadOnlyList<LabelAsked>? Labels { get; init; }
}

/// <summary>One row that is asked for.</summary>
internal sealed record RowAsked
{
    public required string Id { get; init; }

    /// <summary>Events before this instant count.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Handed back as it is.</summary>
    public double? Label { get; init; }
}

/// <summary>A label: events of the entity from the row's instant on, within a window.</summary>
internal sealed record LabelAsked
{
    public required string Name { get; init; }

    /// <summary>Kinds that count, for example "OrderPlaced".</summary>
    public required IReadOnlyList<ShopEventKind> Events { get; init; }

    /// <summary>Whether amounts are summed (minor units) rather than events counted.</summary>
    public bool Sum { get; init; }

    /// <summary>How far it looks, "days.hours:minutes:seconds".</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Events from this instant on are treated as not known yet; absent knows all.</summary>
    public DateTimeOffset? KnownBefore { get; init; }
}

/// <summary>A row of a training set.</summary>
internal sealed record TrainingRow
{
    /// <summary>Position of the row in the request, from 0.</summary>
    public required int Row { get; init; }

    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    public double? Label { get; init; }

    public required IReadOnlyDictionary<string, double> Labels { get; init; }

    /// <summary>Number, text or null (missing) by feature name.</summary>
    public required IReadOnlyDictionary<string, object?> Features { get; init; }
}
