namespace Ecom.Console.Traces;

/// <summary>What a trace must contain; null says nothing. Conditions hold for one and the same span.</summary>
internal sealed record TraceQuery
{
    public const int MaxLimit = 200;

    public string? OrderId { get; init; }

    public string? CustomerId { get; init; }

    /// <summary>service.name, for example "ecom-fraud".</summary>
    public string? Service { get; init; }

    /// <summary>Earliest start of the span, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Latest start of the span, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Traces wanted, 1 to 200.</summary>
    public required int Limit { get; init; }

    /// <summary>An empty field of a form or query string says nothing.</summary>
    public static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>One line in the list of traces.</summary>
internal sealed record TraceSummary
{
    public required string TraceId { get; init; }

    /// <summary>True when only a link of a fitting span leads here.</summary>
    public required bool ByLink { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the first start to the last end, microseconds.</summary>
    public required long DurationUs { get; init; }

    public required int SpanCount { get; init; }

    public required int ErrorCount { get; init; }

    public required string[] Services { get; init; }

    /// <summary>The root span, or the earliest where the root is not kept.</summary>
    public required string RootName { get; init; }

    public required string RootService { get; init; }
}
