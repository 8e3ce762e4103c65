using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;

namespace Ecom.Ingestion.Endpoints;

/// <summary>What operators watch: counts, newest events.</summary>
internal static class OperationsEndpoints
{
    private const int MostEvents = 500;
    private const int ShownCharacters = 2;

    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/summary", GetSummary).WithName(nameof(GetSummary)).WithTags("Operations")
            .RequireScope(Scopes.Ops, Scopes.Read)
            .WithSummary("Everything ever received: accepted by kind, duplicates, rejected by reason, lines.");
        app.MapGet("/v1/events/recent", GetRecentEvents).WithName(nameof(GetRecentEvents)).WithTags("Operations")
            .RequireScope(Scopes.Ops)
            .WithSummary("The newest accepted events, ids of people masked.");
    }

    private static async Task<Summary> GetSummary(
        Counters counters, Outbox outbox, CancellationToken cancellation)
    {
        var counts = await counters.ReadAsync(cancellation);
        var backlog = await outbox.ReadBacklogAsync(cancellation);
        Dictionary<string, long> By(string name) => counts
            .Where(count => count.Key.Name == name)
            .ToDictionary(count => count.Key.Label, count => count.Value);
        long Sum(string name) => By(name).Values.Sum();
        return new Summary
        {
            Accepted = Sum(Counters.Accepted),
            AcceptedByKind = By(Counters.Accepted),
            Duplicates = Sum(Counters.Duplicate),
            DuplicatesByKind = By(Counters.Duplicate),
            Rejected = Sum(Counters.Rejected),
            RejectedByReason = By(Counters.Rejected),
            Lines = new LineSummary
            {
                Accepted = Sum(Counters.LinesAccepted),
                Duplicates = Sum(Counters.LinesDuplicate),
                Rejected = Sum(Counters.LinesRejected),
                RejectedByReason = By(Counters.LinesRejected),
            },
            Outbox = new OutboxSummary { Rows = backlog.Rows, OldestSeconds = backlog.OldestSeconds },
        };
    }

    private static async Task<IReadOnlyList<RecentEvent>> GetRecentEvents(
        RecentEvents events, CancellationToken cancellation, int limit = 50)
    {
        var recent = await events.ReadAsync(Math.Clamp(limit, 1, MostEvents), cancellation);
        return [.. recent.Select(e => e with
        {
            CustomerId = Mask(e.CustomerId),
            AnonymousId = Mask(e.AnonymousId),
        })];
    }

    // Enough to tell two people apart on a page, too little to look one up.
    private static string? Mask(string? id) => id is null ? null : id[..Math.Min(ShownCharacters, id.Length)] + "***";
}

/// <summary>Counts since the beginning.</summary>
internal sealed record Summary
{
    public required long Accepted { get; init; }

    public required IReadOnlyDictionary<string, long> AcceptedByKind { get; init; }

    public required long Duplicates { get; init; }

    public required IReadOnlyDictionary<string, long> DuplicatesByKind { get; init; }

    public required long Rejected { get; init; }

    public required IReadOnlyDictionary<string, long> RejectedByReason { get; init; }

    public required LineSummary Lines { get; init; }

    public required OutboxSummary Outbox { get; init; }
}

/// <summary>Lines of orders and refunds; the three sum to the lines that were sent.</summary>
internal sealed record LineSummary
{
    public required long Accepted { get; init; }

    public required long Duplicates { get; init; }

    public required long Rejected { get; init; }

    public required IReadOnlyDictionary<string, long> RejectedByReason { get; init; }
}

/// <summary>Messages that wait to be published.</summary>
internal sealed record OutboxSummary
{
    public required long Rows { get; init; }

    public required double OldestSeconds { get; init; }
}
