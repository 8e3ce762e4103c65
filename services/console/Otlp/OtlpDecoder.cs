using System.Buffers;
using System.Text.Json;
using Ecom.Console.Otlp.Wire;
using Ecom.Console.Traces;
using Google.Protobuf;
using Google.Protobuf.Collections;
using LogRecord = Ecom.Console.Traces.LogRecord;
using SpanStatus = Ecom.Console.Traces.SpanStatus;

namespace Ecom.Console.Otlp;

/// <summary>Turns OTLP messages into rows: bounded in size, personal data masked, free of NUL.</summary>
internal static class OtlpDecoder
{
    private const int MaxAttributes = 64;
    private const int MaxEvents = 32;
    private const int MaxLinks = 256;
    private const int MaxReferences = 64;
    private const int MaxNameLength = 256;
    private const int MaxTextLength = 4_096;
    private const int MaxDepth = 4;
    private const int Warning = 13;

    /// <summary>Decodes the valid spans of a request.</summary>
    /// <param name="request">What an exporter sent.</param>
    /// <param name="invalid">Spans without a usable id or start.</param>
    public static List<SpanRecord> Spans(ExportTraceServiceRequest request, out int invalid)
    {
        var spans = new List<SpanRecord>();
        invalid = 0;
        foreach (var resource in request.ResourceSpans)
        {
            var service = ServiceName(resource.Resource);
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    if (span.TraceId.Length != 16 || span.SpanId.Length != 8 || span.StartTimeUnixNano == 0)
                    {
                        invalid++;
                        continue;
                    }

                    spans.Add(ToRecord(span, service, Text(scope.Scope?.Name ?? "", MaxNameLength)));
                }
            }
        }

        return spans;
    }

    /// <summary>Decodes the log records worth keeping: severity warning or above, inside a trace.</summary>
    public static List<LogRecord> Logs(ExportLogsServiceRequest request)
    {
        var logs = new List<LogRecord>();
        foreach (var resource in request.ResourceLogs)
        {
            var service = ServiceName(resource.Resource);
            foreach (var log in resource.ScopeLogs.SelectMany(scope => scope.LogRecords))
            {
                var nanoseconds = log.TimeUnixNano != 0 ? log.TimeUnixNano : log.ObservedTimeUnixNano;
                if (log.SeverityNumber < Warning || log.TraceId.Length != 16 || nanoseconds == 0)
                {
                    continue;
                }

                logs.Add(new LogRecord
                {
                    TraceId = Hex(log.TraceId),
                    SpanId = log.SpanId.Length == 8 ? Hex(log.SpanId) : null,
                    Service = service,
                    Severity = (short)Math.Min(log.SeverityNumber, 24),
                    LoggedAt = Instant(nanoseconds),
                    Body = Masking.Mask(Text(log.Body is null ? "" : PlainText(log.Body), MaxTextLength)),
                    Attributes = Json(writer => WriteAttributes(writer, log.Attributes, 0)),
                });
            }
        }

        return logs;
    }

    private static SpanRecord ToRecord(Span span, string service, string scope) => new()
    {
        TraceId = Hex(span.TraceId),
        SpanId = Hex(span.SpanId),
        ParentId = span.ParentSpanId.Length == 8 ? Hex(span.ParentSpanId) : null,
        Service = service,
        Scope = scope,
        Name = Text(span.Name, MaxNameLength),
        Kind = span.Kind is >= 0 and <= 5 ? (SpanKind)span.Kind : SpanKind.Unspecified,
        StartedAt = Instant(span.StartTimeUnixNano),
        DurationUs = span.EndTimeUnixNano > span.StartTimeUnixNano
            ? (long)((span.EndTimeUnixNano - span.StartTimeUnixNano) / 1_000)
            : 0,
        Status = span.Status?.Code is 1 or 2 ? (SpanStatus)span.Status.Code : SpanStatus.Unset,
        StatusMessage = span.Status?.Message is { Length: > 0 } message
            ? Masking.Mask(Text(message, MaxTextLength))
            : null,
        Attributes = Json(writer => WriteAttributes(writer, span.Attributes, 0)),
        Events = span.Events.Count == 0 ? null : Json(writer => WriteEvents(writer, span.Events)),
        Links = span.Links.Count == 0 ? null : Json(writer => WriteLinks(writer, span.Links)),
        Refs = ReferencesOf(span.Attributes),
    };

    private static string ServiceName(Resource? resource)
    {
        var name = resource?.Attributes
            .FirstOrDefault(attribute => attribute.Key == "service.name")?.Value?.StringValue;
        return string.IsNullOrEmpty(name) ? "unknown" : Text(name, MaxNameLength);
    }

    // A batch names all its orders in one array; a single event names one.
    private static string[] ReferencesOf(RepeatedField<KeyValue> attributes)
    {
        List<string>? found = null;
        foreach (var attribute in attributes)
        {
            if (attribute.Value is null || !References.Prefixes.TryGetValue(attribute.Key, out var prefix))
            {
                continue;
            }

            var ids = attribute.Value.ArrayValue?.Values.Select(PlainText) ?? [PlainText(attribute.Value)];
            (found ??= []).AddRange(ids.Where(id => id.Length > 0).Select(id => prefix + Text(id, MaxNameLength)));
        }

        return found is null ? [] : [.. found.Distinct(StringComparer.Ordinal).Take(MaxReferences)];
    }

    private static void WriteAttributes(Utf8JsonWriter writer, RepeatedField<KeyValue> attributes, int depth)
    {
        writer.WriteStartObject();
        foreach (var attribute in attributes.Take(MaxAttributes))
        {
            writer.WritePropertyName(Text(attribute.Key, MaxNameLength));
            if (Masking.IsPersonal(attribute.Key))
            {
                writer.WriteStringValue(Masking.Masked);
            }
            else
            {
                WriteValue(writer, attribute.Value, depth + 1);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, AnyValue? value, int depth)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.BoolValue:
                writer.WriteBooleanValue(value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                writer.WriteNumberValue(value.IntValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue):
                writer.WriteNumberValue(value.DoubleValue);
                break;
            case AnyValue.ValueOneofCase.ArrayValue when depth < MaxDepth:
                writer.WriteStartArray();
                foreach (var element in value.ArrayValue.Values.Take(MaxLinks))
                {
                    WriteValue(writer, element, depth + 1);
                }

                writer.WriteEndArray();
                break;
            case AnyValue.ValueOneofCase.KvlistValue when depth < MaxDepth:
                WriteAttributes(writer, value.KvlistValue.Values, depth);
                break;
            case null or AnyValue.ValueOneofCase.None:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteStringValue(Masking.Mask(Text(PlainText(value), MaxTextLength)));
                break;
        }
    }

    private static void WriteEvents(Utf8JsonWriter writer, RepeatedField<SpanEvent> events)
    {
        writer.WriteStartArray();
        foreach (var happened in events.Take(MaxEvents))
        {
            writer.WriteStartObject();
            writer.WriteString("at", Instant(happened.TimeUnixNano));
            writer.WriteString("name", Text(happened.Name, MaxNameLength));
            writer.WritePropertyName("attributes");
            WriteAttributes(writer, happened.Attributes, 0);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteLinks(Utf8JsonWriter writer, RepeatedField<SpanLink> links)
    {
        writer.WriteStartArray();
        foreach (var link in links.Where(link => link.TraceId.Length == 16 && link.SpanId.Length == 8).Take(MaxLinks))
        {
            writer.WriteStartObject();
            writer.WriteString("traceId", Hex(link.TraceId));
            writer.WriteString("spanId", Hex(link.SpanId));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string PlainText(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue =>
            value.DoubleValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.BytesValue => $"({value.BytesValue.Length} bytes)",
        AnyValue.ValueOneofCase.ArrayValue => $"({value.ArrayValue.Values.Count} values)",
        AnyValue.ValueOneofCase.KvlistValue => $"({value.KvlistValue.Values.Count} entries)",
        _ => "",
    };

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // PostgreSQL holds every character but NUL; a pair of surrogates is never cut in two.
    private static string Text(string text, int maxLength)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            text = text.Replace("\0", "", StringComparison.Ordinal);
        }

        if (text.Length <= maxLength)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength;
        return text[..end];
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static DateTimeOffset Instant(ulong unixNanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(unixNanoseconds / 100));
}
