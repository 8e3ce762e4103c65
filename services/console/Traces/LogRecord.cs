namespace Ecom.Console.Traces;

/// <summary>A log line of severity warning or above that belongs to a trace.</summary>
internal sealed record LogRecord
{
    public required string TraceId { get; init; }

    public string? SpanId { get; init; }

    public required string Service { get; init; }

    /// <summary>OTLP's number: from 13 warning, from 17 error, from 21 fatal.</summary>
    public required short Severity { get; init; }

    public required DateTimeOffset LoggedAt { get; init; }

    /// <summary>The text, personal data masked.</summary>
    public required string Body { get; init; }

    /// <summary>JSON object.</summary>
    public required string Attributes { get; init; }
}
