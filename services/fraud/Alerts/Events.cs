namespace Ecom.Fraud.Alerts;

/// <summary>Something that happened to an alert or a case.</summary>
internal sealed record NewEvent
{
    /// <summary>Its id, also the message id on the exchange.</summary>
    public required Guid EventId { get; init; }

    public Guid? AlertId { get; init; }

    public Guid? CaseId { get; init; }

    /// <summary>"alert.raised", "alert.updated", "case.closed"…: <see cref="EventKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Version of the alert or case after it.</summary>
    public required int Version { get; init; }

    /// <summary>The message as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>Name of the message on the exchange; null if it is not for the exchange.</summary>
    public string? MessageType { get; init; }

    public string? RoutingKey { get; init; }

    /// <summary>Client whose key made it; null if a payment did.</summary>
    public string? MadeBy { get; init; }

    public string? TraceParent { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>An event with its place.</summary>
internal sealed record LoggedEvent
{
    public required long Position { get; init; }

    public required Guid EventId { get; init; }

    public required string Kind { get; init; }

    public required int Version { get; init; }

    public required string Body { get; init; }

    public required string? MessageType { get; init; }

    public required string? RoutingKey { get; init; }

    public required string? MadeBy { get; init; }

    public required string? TraceParent { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>Kinds of events, as streams and webhooks name them.</summary>
internal static class EventKinds
{
    public const string AlertRaised = "alert.raised";
    public const string AlertUpdated = "alert.updated";
    public const string AlertEscalated = "alert.escalated";

    public const string CaseOpened = "case.opened";
    public const string CaseUpdated = "case.updated";
    public const string CaseClosed = "case.closed";
    public const string CaseReopened = "case.reopened";

    public static IReadOnlyList<string> All { get; } =
    [
        AlertRaised, AlertUpdated, AlertEscalated, CaseOpened, CaseUpdated, CaseClosed, CaseReopened,
    ];

    /// <summary>What is wrong with a choice of kinds; null if nothing. Nothing chosen is everything.</summary>
    public static string? ProblemOf(IReadOnlyCollection<string> chosen) =>
        chosen.All(All.Contains) ? null : $"Some of: {string.Join(", ", All)}.";

    public static bool Fits(string kind, IReadOnlyCollection<string> chosen) =>
        chosen.Count == 0 || chosen.Contains(kind);
}
