using System.IO.Compression;
using Ecom.Console.Jobs;
using Ecom.Console.Otlp;
using Ecom.Console.Otlp.Wire;
using Ecom.ServiceDefaults.Keys;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Ecom.Console.Endpoints;

/// <summary>What services export: OTLP over HTTP, binary protobuf, plain or gzip, with a key.</summary>
internal static class OtlpEndpoints
{
    private const string MediaType = "application/x-protobuf";

    public static void MapOtlp(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/traces", ReceiveTraces)
            .RequireScope(Scopes.Ingest, Scopes.Ops)
            .WithName(nameof(ReceiveTraces))
            .WithSummary("Takes spans (OTLP/HTTP, protobuf). Spans that could not be kept are counted in the answer.");
        app.MapPost("/v1/logs", ReceiveLogs)
            .RequireScope(Scopes.Ingest, Scopes.Ops)
            .WithName(nameof(ReceiveLogs))
            .WithSummary("Takes log records (OTLP/HTTP, protobuf). Kept: severity warning and above, inside a trace.");
        app.MapPost("/v1/metrics", ReceiveMetrics)
            .RequireScope(Scopes.Ingest, Scopes.Ops)
            .WithName(nameof(ReceiveMetrics))
            .WithSummary("Accepts metrics and keeps none: Prometheus reads them from each service's /metrics.");
    }

    /// <summary>True for requests of exporters: tracing them would make telemetry of telemetry without end.</summary>
    public static bool IsExport(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && request.Path.Value is "/v1/traces" or "/v1/logs" or "/v1/metrics";

    private static async Task<IResult> ReceiveTraces(
        HttpRequest request, TelemetryWriter writer, IOptions<ConsoleOptions> options, CancellationToken cancellation)
    {
        var (export, refusal) = await ReadAsync(
            request, ExportTraceServiceRequest.Parser, options.Value.MaxOtlpBytes, cancellation);
        if (export is null)
        {
            return refusal!;
        }

        var spans = OtlpDecoder.Spans(export, out var invalid);
        if (invalid > 0)
        {
            Telemetry.SpansDropped.Add(invalid, Telemetry.Reason("invalid"));
        }

        return Answer(invalid + writer.Enqueue(spans), "Spans were invalid, too old, in the future, or too many.");
    }

    private static async Task<IResult> ReceiveLogs(
        HttpRequest request, TelemetryWriter writer, IOptions<ConsoleOptions> options, CancellationToken cancellation)
    {
        var (export, refusal) = await ReadAsync(
            request, ExportLogsServiceRequest.Parser, options.Value.MaxOtlpBytes, cancellation);
        return export is null
            ? refusal!
            : Answer(writer.Enqueue(OtlpDecoder.Logs(export)), "More log records than can be written.");
    }

    private static async Task<IResult> ReceiveMetrics(
        HttpRequest request, IOptions<ConsoleOptions> options, CancellationToken cancellation)
    {
        var (export, refusal) = await ReadAsync(
            request, ExportMetricsServiceRequest.Parser, options.Value.MaxOtlpBytes, cancellation);
        return export is null ? refusal! : Answer(0, "");
    }

    private static async Task<(T? Message, ProblemHttpResult? Refusal)> ReadAsync<T>(
        HttpRequest request, MessageParser<T> parser, int maxBytes, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        if (request.ContentType?.Split(';')[0].Trim() != MediaType)
        {
            return (null, Problem(StatusCodes.Status415UnsupportedMediaType, $"Send {MediaType}."));
        }

        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            return (null, Problem(StatusCodes.Status415UnsupportedMediaType, "Send it plain or as gzip."));
        }

        if (request.ContentLength > maxBytes)
        {
            return (null, TooLarge(maxBytes));
        }

        try
        {
            await using var body = encoding == "gzip"
                ? new GZipStream(request.Body, CompressionMode.Decompress)
                : request.Body;
            using var buffer = new MemoryStream();
            return await CopyAsync(body, buffer, maxBytes, cancellation)
                ? (parser.ParseFrom(buffer.GetBuffer(), 0, (int)buffer.Length), null)
                : (null, TooLarge(maxBytes));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidDataException)
        {
            return (null, Problem(StatusCodes.Status400BadRequest, "The body is no OTLP message."));
        }
    }

    // A few compressed bytes may become gigabytes: what counts is the decompressed size.
    private static async Task<bool> CopyAsync(
        Stream from, MemoryStream to, int maxBytes, CancellationToken cancellation)
    {
        var chunk = new byte[16_384];
        int read;
        while ((read = await from.ReadAsync(chunk, cancellation)) > 0)
        {
            if (to.Length + read > maxBytes)
            {
                return false;
            }

            to.Write(chunk, 0, read);
        }

        return true;
    }

    private static FileContentHttpResult Answer(int rejected, string reason)
    {
        var response = new ExportServiceResponse();
        if (rejected > 0)
        {
            response.PartialSuccess = new ExportPartialSuccess { Rejected = rejected, ErrorMessage = reason };
        }

        return TypedResults.Bytes(response.ToByteArray(), MediaType);
    }

    private static ProblemHttpResult TooLarge(int maxBytes) => Problem(
        StatusCodes.Status413PayloadTooLarge, $"At most {maxBytes} bytes after decompression; send smaller batches.");

    private static ProblemHttpResult Problem(int status, string detail) =>
        TypedResults.Problem(detail: detail, statusCode: status);
}
