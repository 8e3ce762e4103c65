using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Http;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>History for training, streamed.</summary>
internal static class HistoryEndpoints
{
    public static void MapHistory(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/history/payments", GetPayments)
            .WithName(nameof(GetPayments))
            .WithSummary(
                "Payments with their vectors and labels, from <= time < to, oldest first, one JSON object a line; the "
                + "first line names the features.")
            .Produces<PastPaymentLine>(contentType: "application/x-ndjson")
            .RequireScope(Scopes.Ops);

    private static Results<NdjsonResult<object>, ValidationProblem> GetPayments(
        PaymentHistory history,
        CancellationToken cancellation,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null) =>
        from >= to
            ? Refusals.Field("to", "Must be later than from.")
            : new NdjsonResult<object>(history.ReadAsync(from, to, cancellation));
}
