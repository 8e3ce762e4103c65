using System.Text.Json;
using Ecom.Console.Otlp;
using Ecom.Console.Otlp.Wire;
using Google.Protobuf;
using SpanKind = Ecom.Console.Traces.SpanKind;
using SpanRecord = Ecom.Console.Traces.SpanRecord;
using StoredStatus = Ecom.Console.Traces.SpanStatus;

namespace Ecom.UnitTests.Console;

public sealed class OtlpDecoderTests
{
    private static readonly byte[] _traceId = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
    private static readonly byte[] _spanId = [.. Enumerable.Range(1, 8).Select(i => (byte)i)];

    [Fact]
    public void A_span_written_byte_by_byte_by_the_protocols_numbers_is_read()
    {
        // Field numbers of opentelemetry-proto, written by hand: a wrong number in the console's .proto shows here.
        var status = Message(Text(2, "broken"), Varint(3, 2));
        var link = Message(Bytes(1, _traceId), Bytes(2, _spanId));
        var happened = Message(Fixed64(1, 1_000_000_000), Text(2, "exception"));
        var attribute = Message(Text(1, "ecom.order.id"), Bytes(2, Message(Text(1, "o-1"))));
        var span = Message(
            Bytes(1, _traceId), Bytes(2, _spanId), Text(3, "state"), Bytes(4, [9, 9, 9, 9, 9, 9, 9, 9]),
            Text(5, "process order-placed"), Varint(6, 5), Fixed64(7, 2_000_000_000), Fixed64(8, 2_000_500_000),
            Bytes(9, attribute), Varint(10, 1), Bytes(11, happened), Bytes(13, link), Bytes(15, status));
        var resource = Message(Bytes(1, Message(Text(1, "service.name"), Bytes(2, Message(Text(1, "ecom-fraud"))))));
        var scope = Message(Bytes(1, Message(Text(1, "MassTransit"))), Bytes(2, span));
        var request = Message(Bytes(1, Message(Bytes(1, resource), Bytes(2, scope), Text(3, "schema"))));

        var decoded = Assert.Single(
            OtlpDecoder.Spans(ExportTraceServiceRequest.Parser.ParseFrom(request), out var invalid));

        Assert.Equal(0, invalid);
        Assert.Equal("0102030405060708090a0b0c0d0e0f10", decoded.TraceId);
        Assert.Equal("0102030405060708", decoded.SpanId);
        Assert.Equal("0909090909090909", decoded.ParentId);
        Assert.Equal(("ecom-fraud", "MassTransit"), (decoded.Service, decoded.Scope));
        Assert.Equal(("process order-placed", SpanKind.Consumer), (decoded.Name, decoded.Kind));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(2), decoded.StartedAt);
        Assert.Equal(500, decoded.DurationUs);
        Assert.Equal((StoredStatus.Error, "broken"), (decoded.Status, decoded.StatusMessage));
        Assert.Equal("""{"ecom.order.id":"o-1"}""", decoded.Attributes);
        Assert.Equal(["order:o-1"], decoded.Refs);
        Assert.Equal(
            """[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"}]""", decoded.Links);
        Assert.Contains("\"name\":\"exception\"", decoded.Events, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_record_written_by_the_protocols_numbers_is_read()
    {
        var log = Message(
            Fixed64(1, 3_000_000_000), Varint(2, 17), Text(3, "Error"), Bytes(5, Message(Text(1, "it broke"))),
            Bytes(9, _traceId), Bytes(10, _spanId), Fixed64(11, 4_000_000_000));
        var request = Message(Bytes(1, Message(Bytes(2, Message(Bytes(2, log))))));

        var decoded = Assert.Single(OtlpDecoder.Logs(ExportLogsServiceRequest.Parser.ParseFrom(request)));

        Assert.Equal(("0102030405060708090a0b0c0d0e0f10", "0102030405060708"), (decoded.TraceId, decoded.SpanId));
        Assert.Equal((17, "it broke", "unknown"), (decoded.Severity, decoded.Body, decoded.Service));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(3), decoded.LoggedAt);
    }

    [Theory]
    [InlineData(12, true)]
    [InlineData(13, false)]
    public void Log_records_below_warning_or_outside_a_trace_are_left_out(int severity, bool inTrace)
    {
        var log = new LogRecord { SeverityNumber = severity, TimeUnixNano = 1_000 };
        if (inTrace)
        {
            log.TraceId = ByteString.CopyFrom(_traceId);
        }

        Assert.Empty(OtlpDecoder.Logs(new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { log } } } } },
        }));
    }

    [Fact]
    public void A_span_without_usable_id_or_start_is_counted_and_the_others_are_kept()
    {
        var request = Request(
            NewSpan(),
            NewSpan(span => span.TraceId = ByteString.Empty),
            NewSpan(span => span.SpanId = ByteString.CopyFrom(1, 2)),
            NewSpan(span => span.StartTimeUnixNano = 0));

        Assert.Single(OtlpDecoder.Spans(request, out var invalid));
        Assert.Equal(3, invalid);
    }

    [Fact]
    public void Values_of_every_type_become_json()
    {
        var decoded = Decode(NewSpan(span =>
        {
            span.Attributes.Add(Attribute("text", new AnyValue { StringValue = "ä \" \0 end" }));
            span.Attributes.Add(Attribute("yes", new AnyValue { BoolValue = true }));
            span.Attributes.Add(Attribute("count", new AnyValue { IntValue = long.MaxValue }));
            span.Attributes.Add(Attribute("ratio", new AnyValue { DoubleValue = 0.5 }));
            span.Attributes.Add(Attribute("nan", new AnyValue { DoubleValue = double.NaN }));
            span.Attributes.Add(Attribute("list", Texts("a", "b")));
            span.Attributes.Add(Attribute("none", new AnyValue()));
        }));

        using var json = JsonDocument.Parse(decoded.Attributes);
        var root = json.RootElement;
        Assert.Equal("ä \"  end", root.GetProperty("text").GetString());
        Assert.True(root.GetProperty("yes").GetBoolean());
        Assert.Equal(long.MaxValue, root.GetProperty("count").GetInt64());
        Assert.Equal(0.5, root.GetProperty("ratio").GetDouble());
        Assert.Equal("NaN", root.GetProperty("nan").GetString());
        Assert.Equal("b", root.GetProperty("list")[1].GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("none").ValueKind);
    }

    [Fact]
    public void Nested_values_end_at_a_depth_and_long_texts_at_a_length()
    {
        var nested = new AnyValue { StringValue = "bottom" };
        for (var i = 0; i < 30; i++)
        {
            nested = new AnyValue { ArrayValue = new ArrayValue { Values = { nested } } };
        }

        var decoded = Decode(NewSpan(span =>
        {
            span.Name = new string('n', 10_000);
            span.Attributes.Add(Attribute("deep", nested));
            span.Attributes.Add(Attribute("long", new AnyValue { StringValue = new string('x', 1_000_000) }));
        }));

        Assert.Equal(256, decoded.Name.Length);
        Assert.InRange(decoded.Attributes.Length, 4_000, 5_000);
    }

    [Fact]
    public void A_batch_is_found_by_each_of_its_orders_and_customers()
    {
        var decoded = Decode(NewSpan(span =>
        {
            span.Attributes.Add(Attribute("ecom.order.id", Texts("o-1", "o-2", "o-1")));
            span.Attributes.Add(Attribute("ecom.customer.id", new AnyValue { StringValue = "c-1" }));
        }));

        Assert.Equal(["order:o-1", "order:o-2", "customer:c-1"], decoded.Refs);
    }

    [Fact]
    public void Personal_data_is_masked_wherever_it_stands()
    {
        var decoded = Decode(NewSpan(span =>
        {
            span.Attributes.Add(Attribute("client.address", new AnyValue { StringValue = "203.0.113.7" }));
            span.Attributes.Add(Attribute("user_agent.original", new AnyValue { StringValue = "Mozilla" }));
            span.Attributes.Add(Attribute("note", new AnyValue { StringValue = "from ann@example.org, twice" }));
            span.Status = new SpanStatus { Code = 2, Message = "no mailbox bob.b@example.com" };
            span.Events.Add(new SpanEvent
            {
                Name = "exception",
                Attributes = { Attribute("exception.message", new AnyValue { StringValue = "x@example.net?" }) },
            });
        }));

        var stored = decoded.Attributes + decoded.StatusMessage + decoded.Events;
        Assert.DoesNotContain("203.0.113.7", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("Mozilla", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("example", stored, StringComparison.Ordinal);
        Assert.Contains("from (masked), twice", stored, StringComparison.Ordinal);
    }

    private static SpanRecord Decode(Span span) => Assert.Single(OtlpDecoder.Spans(Request(span), out _));

    private static ExportTraceServiceRequest Request(params Span[] spans) => new()
    {
        ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { spans } } } } },
    };

    private static Span NewSpan(Action<Span>? change = null)
    {
        var span = new Span
        {
            TraceId = ByteString.CopyFrom(_traceId),
            SpanId = ByteString.CopyFrom(_spanId),
            Name = "span",
            StartTimeUnixNano = 1_000_000,
            EndTimeUnixNano = 2_000_000,
        };
        change?.Invoke(span);
        return span;
    }

    private static KeyValue Attribute(string key, AnyValue value) => new() { Key = key, Value = value };

    private static AnyValue Texts(params string[] texts) => new()
    {
        ArrayValue = new ArrayValue { Values = { texts.Select(text => new AnyValue { StringValue = text }) } },
    };

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(field => field)];

    private static byte[] Varint(int field, ulong value) => [.. Number((ulong)field << 3), .. Number(value)];

    private static byte[] Fixed64(int field, ulong value) =>
        [.. Number(((ulong)field << 3) | 1), .. BitConverter.GetBytes(value)];

    private static byte[] Bytes(int field, byte[] value) =>
        [.. Number(((ulong)field << 3) | 2), .. Number((ulong)value.Length), .. value];

    private static byte[] Text(int field, string value) => Bytes(field, System.Text.Encoding.UTF8.GetBytes(value));

    private static List<byte> Number(ulong value)
    {
        var bytes = new List<byte>();
        while (value >= 0x80)
        {
            bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)value);
        return bytes;
    }
}
