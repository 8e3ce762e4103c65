using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Console.Otlp.Wire;
using Ecom.Console.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Xunit;
using LogRecord = Ecom.Console.Otlp.Wire.LogRecord;
using Span = Ecom.Console.Otlp.Wire.Span;

namespace Ecom.IntegrationTests.Console;

public sealed class OtlpTests(ConsoleFixture console) : IClassFixture<ConsoleFixture>
{
    private const string MediaType = "application/x-protobuf";

    private static readonly ActivitySource _shop = new($"Test.Shop.{Guid.NewGuid():N}");

    [Fact]
    public async Task Spans_of_a_real_exporter_are_found_by_trace_order_and_customer()
    {
        string traceId, orderId = NewId(), customerId = NewId();
        using (Exporting("ecom-shop"))
        {
            using var request = _shop.StartActivity("POST /v1/batch", ActivityKind.Server)!;
            traceId = request.TraceId.ToHexString();
            request.SetTag("ecom.order.id", new[] { orderId, NewId() });
            request.SetTag("client.address", "203.0.113.7");
            using var consumer = _shop.StartActivity("process order-placed", ActivityKind.Consumer)!;
            consumer.SetTag("ecom.customer.id", customerId);
            consumer.SetStatus(ActivityStatusCode.Error, "out of stock");
        }

        using var ops = console.Host.CreateClient(Scopes.Ops);
        var trace = await ReadTraceAsync(ops, traceId, spans: 2);
        var spans = trace.GetProperty("spans").EnumerateArray().ToArray();
        Assert.Equal("POST /v1/batch", spans[0].GetProperty("name").GetString());
        Assert.Equal("server", spans[0].GetProperty("kind").GetString());
        Assert.Equal("(masked)", spans[0].GetProperty("attributes").GetProperty("client.address").GetString());
        Assert.Equal(JsonValueKind.Null, spans[0].GetProperty("parentId").ValueKind);
        Assert.Equal(spans[0].GetProperty("spanId").GetString(), spans[1].GetProperty("parentId").GetString());
        Assert.Equal("error", spans[1].GetProperty("status").GetString());
        Assert.Equal("ecom-shop", spans[1].GetProperty("service").GetString());

        Assert.Equal([traceId], await FindAsync(ops, $"orderId={orderId}"));
        Assert.Equal([traceId], await FindAsync(ops, $"customerId={customerId}&service=ecom-shop"));
        Assert.Empty(await FindAsync(ops, $"orderId={orderId}&service=ecom-other"));
        Assert.Empty(await FindAsync(ops, $"orderId={orderId}&to=2020-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task A_trace_shows_the_message_of_many_events_that_it_is_linked_with()
    {
        string traceId, messageTraceId, orderId = NewId();
        using (Exporting("ecom-feature-store"))
        {
            using var message = _shop.StartActivity(
                "interactions-recorded", ActivityKind.Consumer, default(ActivityContext))!;
            messageTraceId = message.TraceId.ToHexString();
            var parent = new ActivityContext(
                ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
            traceId = parent.TraceId.ToHexString();
            using var click = _shop.StartActivity(
                "process click", ActivityKind.Consumer, parent, links: [new ActivityLink(message.Context)])!;
            click.SetTag("ecom.order.id", orderId);
        }

        using var ops = console.Host.CreateClient(Scopes.Ops);
        var fromClick = await ReadTraceAsync(ops, traceId, spans: 1);
        var fromMessage = await ReadTraceAsync(ops, messageTraceId, spans: 1);

        Assert.Equal("interactions-recorded", Assert.Single(Names(fromClick, "linked")));
        Assert.Equal("process click", Assert.Single(Names(fromMessage, "linked")));
        Assert.Equal([traceId, messageTraceId], await FindAsync(ops, $"orderId={orderId}"));
    }

    [Fact]
    public async Task A_warning_logged_inside_a_trace_stands_beside_it_and_information_does_not()
    {
        string traceId;
        using (Exporting("ecom-shop"))
        using (var logging = LoggerFactory.Create(logger => logger.AddOpenTelemetry(
            telemetry => telemetry.AddOtlpExporter((otlp, _) => Configure(otlp, "v1/logs")))))
        {
            using var request = _shop.StartActivity("request")!;
            traceId = request.TraceId.ToHexString();
            var logger = logging.CreateLogger("Shop");
            logger.LogInformation("nothing to see");
            logger.LogWarning("mail to ann@example.org bounced");
        }

        using var ops = console.Host.CreateClient(Scopes.Ops);
        var trace = await Eventually.ReadAsync(
            () => ReadTraceAsync(ops, traceId, spans: 1),
            found => found.GetProperty("logs").GetArrayLength() > 0);

        var log = Assert.Single(trace.GetProperty("logs").EnumerateArray());
        Assert.Equal("mail to (masked) bounced", log.GetProperty("body").GetString());
        Assert.Equal(13, log.GetProperty("severity").GetInt32());
    }

    [Fact]
    public async Task A_span_exported_twice_is_kept_once()
    {
        using var client = console.Host.CreateClient(Scopes.Ingest);
        var (export, traceId) = NewExport(DateTimeOffset.UtcNow);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(client, "/v1/traces", export.ToByteArray()));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(client, "/v1/traces", Zipped(export.ToByteArray()), "gzip"));

        using var ops = console.Host.CreateClient(Scopes.Ops);
        await ReadTraceAsync(ops, traceId, spans: 1);
        var (later, laterId) = NewExport(DateTimeOffset.UtcNow);
        await PostAsync(client, "/v1/traces", later.ToByteArray());
        await ReadTraceAsync(ops, laterId, spans: 1);
        await ReadTraceAsync(ops, traceId, spans: 1);
    }

    [Fact]
    public async Task Spans_too_old_or_in_the_future_are_reported_as_rejected()
    {
        using var client = console.Host.CreateClient(Scopes.Ingest);
        foreach (var startedAt in new[] { DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(2) })
        {
            using var content = Content(NewExport(startedAt).Export.ToByteArray());
            using var response = await client.PostAsync("/v1/traces", content);

            var answer = ExportServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(1, answer.PartialSuccess.Rejected);
        }
    }

    [Fact]
    public async Task Days_before_the_retention_are_dropped_and_younger_ones_stay()
    {
        using var client = console.Host.CreateClient(Scopes.Ingest);
        var (old, oldId) = NewExport(DateTimeOffset.UtcNow.AddDays(-2));
        var (young, youngId) = NewExport(DateTimeOffset.UtcNow);
        await PostAsync(client, "/v1/traces", old.ToByteArray());
        await PostAsync(client, "/v1/traces", young.ToByteArray());
        await PostAsync(client, "/v1/logs", LogOf(oldId, DateTimeOffset.UtcNow.AddDays(-2)).ToByteArray());
        using var ops = console.Host.CreateClient(Scopes.Ops);
        await ReadTraceAsync(ops, oldId, spans: 1);
        await ReadTraceAsync(ops, youngId, spans: 1);

        var yesterday = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1);
        await console.Host.Services.GetRequiredService<SpanStore>().PruneAsync(yesterday, default);

        using var gone = await ops.GetAsync($"/v1/traces/{oldId}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        await ReadTraceAsync(ops, youngId, spans: 1);
    }

    [Fact]
    public async Task A_console_prunes_by_itself_at_start()
    {
        using var client = console.Host.CreateClient(Scopes.Ingest);
        using var ops = console.Host.CreateClient(Scopes.Ops);
        var (old, oldId) = NewExport(DateTimeOffset.UtcNow.AddDays(-3));
        await PostAsync(client, "/v1/traces", old.ToByteArray());
        await ReadTraceAsync(ops, oldId, spans: 1);

        await using var second = await console.StartAsync(
            new Dictionary<string, string?> { ["Console:RetentionDays"] = "1" });

        await Eventually.BeTrueAsync(async () =>
        {
            using var answer = await ops.GetAsync($"/v1/traces/{oldId}");
            return answer.StatusCode == HttpStatusCode.NotFound;
        });
    }

    [Fact]
    public async Task What_does_not_fit_the_queue_is_dropped_and_reported()
    {
        await using var small = await console.StartAsync(new Dictionary<string, string?>
        {
            ["Console:QueueLength"] = "100",
        });
        using var client = small.CreateClient(Scopes.Ingest);
        var export = NewExport(DateTimeOffset.UtcNow).Export;
        var spans = export.ResourceSpans[0].ScopeSpans[0].Spans;
        for (var i = 0; i < 50_000; i++)
        {
            var span = spans[0].Clone();
            span.SpanId = ByteString.CopyFrom(BitConverter.GetBytes((long)i + 1));
            spans.Add(span);
        }

        using var content = Content(export.ToByteArray());
        using var response = await client.PostAsync("/v1/traces", content);

        var answer = ExportServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync());
        Assert.InRange(answer.PartialSuccess.Rejected, 1, 50_000);
    }

    [Theory]
    [InlineData("/v1/traces")]
    [InlineData("/v1/logs")]
    [InlineData("/v1/metrics")]
    public async Task Exports_need_a_key_with_the_scope(string path)
    {
        using var none = console.Host.CreateClient();
        using var wrong = console.Host.CreateClient();
        wrong.DefaultRequestHeaders.Add("X-Api-Key", "wrong");
        using var reader = console.Host.CreateClient(Scopes.Read);
        using var ingest = console.Host.CreateClient(Scopes.Ingest);

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(none, path, []));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(wrong, path, []));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(reader, path, []));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(ingest, path, []));
    }

    [Theory]
    [InlineData("/v1/traces")]
    [InlineData("/v1/logs")]
    [InlineData("/v1/metrics")]
    public async Task An_export_too_large_is_refused_also_when_it_only_grows_by_decompression(string path)
    {
        using var client = console.Host.CreateClient(Scopes.Ingest);
        var large = new byte[5 * 1_024 * 1_024];

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(client, path, large));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(client, path, Zipped(large), "gzip"));
    }

    [Fact]
    public async Task What_is_no_otlp_is_refused()
    {
        using var client = console.Host.CreateClient(Scopes.Ingest);
        using var json = JsonContent.Create(new { resourceSpans = Array.Empty<object>() });
        using var asJson = await client.PostAsync("/v1/traces", json);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, asJson.StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync(client, "/v1/traces", [], "br"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(client, "/v1/traces", "no protobuf"u8.ToArray()));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(client, "/v1/traces", "no gzip"u8.ToArray(), "gzip"));
    }

    [Fact]
    public async Task Traces_are_read_with_scope_ops_only()
    {
        using var reader = console.Host.CreateClient(Scopes.Read);
        using var ops = console.Host.CreateClient(Scopes.Ops);
        using var forbidden = await reader.GetAsync("/v1/traces");
        using var malformed = await ops.GetAsync("/v1/traces/xyz");
        using var limit = await ops.GetAsync("/v1/traces?limit=1000");

        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, limit.StatusCode);
    }

    private TracerProvider Exporting(string service) => Sdk.CreateTracerProviderBuilder()
        .SetSampler(new AlwaysOnSampler())
        .ConfigureResource(resource => resource.AddService(service))
        .AddSource(_shop.Name)
        .AddOtlpExporter(otlp => Configure(otlp, "v1/traces"))
        .Build();

    private void Configure(OtlpExporterOptions otlp, string path)
    {
        otlp.Endpoint = new Uri(console.Host.Address, path);
        otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
        otlp.Headers = $"x-api-key={ServiceHost.KeyOf(Scopes.Ops)}";
    }

    private static async Task<JsonElement> ReadTraceAsync(HttpClient client, string traceId, int spans) =>
        await Eventually.ReadAsync(
            async () =>
            {
                using var response = await client.GetAsync($"/v1/traces/{traceId}");
                return await response.Content.ReadFromJsonAsync<JsonElement>();
            },
            trace => trace.TryGetProperty("spans", out var found) && found.GetArrayLength() == spans);

    private static async Task<string[]> FindAsync(HttpClient client, string query)
    {
        var found = await client.GetFromJsonAsync<JsonElement>($"/v1/traces?{query}");
        return [.. found.GetProperty("traces").EnumerateArray().Select(t => $"{t.GetProperty("traceId")}")];
    }

    private static IEnumerable<string?> Names(JsonElement trace, string spans) =>
        trace.GetProperty(spans).EnumerateArray().Select(span => span.GetProperty("name").GetString());

    private static async Task<HttpStatusCode> PostAsync(
        HttpClient client, string path, byte[] body, string? encoding = null)
    {
        using var content = Content(body, encoding);
        using var response = await client.PostAsync(path, content);
        return response.StatusCode;
    }

    private static ByteArrayContent Content(byte[] body, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private static byte[] Zipped(byte[] body)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return zipped.ToArray();
    }

    private static (ExportTraceServiceRequest Export, string TraceId) NewExport(DateTimeOffset startedAt)
    {
        var traceId = Guid.NewGuid().ToByteArray();
        var span = new Span
        {
            TraceId = ByteString.CopyFrom(traceId),
            SpanId = ByteString.CopyFrom(traceId, 0, 8),
            Name = "by hand",
            StartTimeUnixNano = (ulong)startedAt.ToUnixTimeMilliseconds() * 1_000_000,
            EndTimeUnixNano = ((ulong)startedAt.ToUnixTimeMilliseconds() + 1) * 1_000_000,
        };
        var export = new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { span } } } } },
        };
        return (export, Convert.ToHexStringLower(traceId));
    }

    private static ExportLogsServiceRequest LogOf(string traceId, DateTimeOffset at)
    {
        var log = new LogRecord
        {
            TraceId = ByteString.CopyFrom(Convert.FromHexString(traceId)),
            SeverityNumber = 17,
            TimeUnixNano = (ulong)at.ToUnixTimeMilliseconds() * 1_000_000,
            Body = new AnyValue { StringValue = "an error" },
        };
        return new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { log } } } } },
        };
    }

    private static string NewId() => Guid.NewGuid().ToString("N");
}
