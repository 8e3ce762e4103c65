using Ecom.Console.Storage;
using Ecom.Console.Traces;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Console.Endpoints;

/// <summary>What tests and the command line ask: traces as JSON.</summary>
internal static class TraceEndpoints
{
    public static void MapTraces(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/traces/{traceId}", GetTrace)
            .RequireScope(Scopes.Ops)
            .WithName(nameof(GetTrace))
            .WithSummary("One trace: its spans, the spans of other traces linked with them, its warnings and errors.");
        app.MapGet("/v1/traces", FindTraces)
            .RequireScope(Scopes.Ops)
            .WithName(nameof(FindTraces))
            .WithSummary("The newest traces with a span that fits, newest first.");
    }

    private static async Task<Results<Ok<TraceResponse>, NotFound, ValidationProblem>> GetTrace(
        string traceId, TraceReader reader, CancellationToken cancellation)
    {
        if (!TraceIds.TryNormalise(traceId, out var id))
        {
            return Invalid(nameof(traceId), "Must be 32 hexadecimal digits.");
        }

        var spans = await reader.SpansAsync(id, cancellation);
        var logs = await reader.LogsAsync(id, cancellation);
        if (spans.Count == 0 && logs.Count == 0)
        {
            return TypedResults.NotFound();
        }

        var linked = await reader.LinkedAsync(id, cancellation);
        return TypedResults.Ok(new TraceResponse
        {
            TraceId = id,
            Spans = [.. spans.Select(SpanResponse.Of)],
            Linked = [.. linked.Select(SpanResponse.Of)],
            Logs = [.. logs.Select(LogResponse.Of)],
        });
    }

    private static async Task<Results<Ok<TraceListResponse>, ValidationProblem>> FindTraces(
        TraceReader reader,
        string? orderId,
        string? customerId,
        string? service,
        DateTimeOffset? from,
        DateTimeOffset? to,
        CancellationToken cancellation,
        int limit = 50)
    {
        if (limit is < 1 or > TraceQuery.MaxLimit)
        {
            return Invalid(nameof(limit), $"Must be between 1 and {TraceQuery.MaxLimit}.");
        }

        var found = await reader.SearchAsync(
            new TraceQuery
            {
                OrderId = TraceQuery.NullIfEmpty(orderId),
                CustomerId = TraceQuery.NullIfEmpty(customerId),
                Service = TraceQuery.NullIfEmpty(service),
                From = from,
                To = to,
                Limit = limit,
            },
            cancellation);
        return TypedResults.Ok(new TraceListResponse { Traces = [.. found.Select(TraceSummaryResponse.Of)] });
    }

    private static ValidationProblem Invalid(string field, string message) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [message] });
}
