namespace Ecom.Console.Traces;

/// <summary>One finished span as it is stored. JSON columns hold JSON text; personal data is masked already.</summary>
internal sealed record SpanRecord
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public required string TraceId { get; init; }

    /// <summary>16 lower-case hexadecimal digits.</summary>
    public required string SpanId { get; init; }

    /// <summary>Null for the root of a trace.</summary>
    public string? ParentId { get; init; }

    /// <summary>service.name of the process, for example "ecom-ingestion".</summary>
    public required string Service { get; init; }

    /// <summary>Name of the instrumentation that made the span.</summary>
    public required string Scope { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Microseconds; 0 when the clock went back.</summary>
    public required long DurationUs { get; init; }

    public required SpanStatus Status { get; init; }

    public string? StatusMessage { get; init; }

    /// <summary>JSON object.</summary>
    public required string Attributes { get; init; }

    /// <summary>JSON array of {at, name, attributes}; null when there is none.</summary>
    public string? Events { get; init; }

    /// <summary>JSON array of {traceId, spanId}; null when there is none.</summary>
    public string? Links { get; init; }

    /// <summary>What the span can be found by: "order:…", "customer:…".</summary>
    public string[] Refs { get; init; } = [];
}

/// <summary>Numbers of OTLP.</summary>
internal enum SpanKind : short
{
    Unspecified = 0,
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

/// <summary>Numbers of OTLP.</summary>
internal enum SpanStatus : short
{
    Unset = 0,
    Ok = 1,
    Error = 2,
}
