using System.Text.Json;
using Ecom.Console.Traces;

namespace Ecom.Console.Endpoints;

internal sealed record TraceResponse
{
    public required string TraceId { get; init; }

    /// <summary>In the order of their starts; at most 5,000.</summary>
    public required IReadOnlyList<SpanResponse> Spans { get; init; }

    /// <summary>Spans of other traces that link here or are linked from here; at most 200.</summary>
    public required IReadOnlyList<SpanResponse> Linked { get; init; }

    public required IReadOnlyList<LogResponse> Logs { get; init; }
}

internal sealed record SpanResponse
{
    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    public required string? ParentId { get; init; }

    public required string Service { get; init; }

    public required string Name { get; init; }

    /// <summary>internal, server, client, producer, consumer or unspecified.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double DurationMs { get; init; }

    /// <summary>unset, ok or error.</summary>
    public required string Status { get; init; }

    public required string? StatusMessage { get; init; }

    public required JsonElement Attributes { get; init; }

    /// <summary>Array of {at, name, attributes}.</summary>
    public required JsonElement Events { get; init; }

    /// <summary>Array of {traceId, spanId}.</summary>
    public required JsonElement Links { get; init; }

    public static SpanResponse Of(SpanRecord span) => new()
    {
        TraceId = span.TraceId,
        SpanId = span.SpanId,
        ParentId = span.ParentId,
        Service = span.Service,
        Name = span.Name,
        Kind = JsonNamingPolicy.CamelCase.ConvertName(span.Kind.ToString()),
        StartedAt = span.StartedAt,
        DurationMs = span.DurationUs / 1_000.0,
        Status = JsonNamingPolicy.CamelCase.ConvertName(span.Status.ToString()),
        StatusMessage = span.StatusMessage,
        Attributes = JsonElement.Parse(span.Attributes),
        Events = JsonElement.Parse(span.Events ?? "[]"),
        Links = JsonElement.Parse(span.Links ?? "[]"),
    };
}

internal sealed record LogResponse
{
    public required string? SpanId { get; init; }

    public required string Service { get; init; }

    /// <summary>OTLP's number: from 13 warning, from 17 error, from 21 fatal.</summary>
    public required int Severity { get; init; }

    public required DateTimeOffset LoggedAt { get; init; }

    public required string Body { get; init; }

    public required JsonElement Attributes { get; init; }

    public static LogResponse Of(LogRecord log) => new()
    {
        SpanId = log.SpanId,
        Service = log.Service,
        Severity = log.Severity,
        LoggedAt = log.LoggedAt,
        Body = log.Body,
        Attributes = JsonElement.Parse(log.Attributes),
    };
}

internal sealed record TraceListResponse
{
    public required IReadOnlyList<TraceSummaryResponse> Traces { get; init; }
}

internal sealed record TraceSummaryResponse
{
    public required string TraceId { get; init; }

    /// <summary>True when only a link of a fitting span leads here.</summary>
    public required bool ByLink { get; init; }

    /// <summary>Name of the root span, or of the earliest one kept.</summary>
    public required string Name { get; init; }

    public required string Service { get; init; }

    public required IReadOnlyList<string> Services { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double DurationMs { get; init; }

    public required int Spans { get; init; }

    public required int Errors { get; init; }

    public static TraceSummaryResponse Of(TraceSummary trace) => new()
    {
        TraceId = trace.TraceId,
        ByLink = trace.ByLink,
        Name = trace.RootName,
        Service = trace.RootService,
        Services = trace.Services,
        StartedAt = trace.StartedAt,
        DurationMs = trace.DurationUs / 1_000.0,
        Spans = trace.SpanCount,
        Errors = trace.ErrorCount,
    };
}
