using Ecom.Fraud.Rules;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>What a version of a rule would have done, had it been in force.</summary>
internal static class BacktestEndpoints
{
    public static void MapBacktests(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/rules/{code}/versions/{version:int}/backtest", BacktestRule)
            .WithName(nameof(BacktestRule))
            .WithSummary("Runs a version over stored decisions of a time, with the labels known then and now.")
            .RequireScope(Scopes.Fraud);

    private static async Task<Results<Ok<BacktestResponse>, ValidationProblem, ProblemHttpResult>> BacktestRule(
        string code,
        int version,
        BacktestRequest request,
        RuleStore rules,
        BacktestStore backtests,
        CancellationToken cancellation)
    {
        if (request.From is not { } from || request.To is not { } to || from >= to)
        {
            return Refusals.Field("to", "Required: from and to, an earlier and a later instant.");
        }

        if (await rules.FindAsync(code, version, cancellation) is not { } rule)
        {
            return Refusals.Missing("rule or version", "/v1/rules");
        }

        if (rule.ToNamed().Rule.Problems(out _).Count > 0)
        {
            return Refusals.Conflict("It names features that are gone.");
        }

        var knownAt = request.KnownAt ?? to;
        var result = await backtests.RunAsync(rule.ToNamed(), from, to, knownAt, cancellation);
        return result is null
            ? Refusals.Conflict("Another back-test is under way: come again when it has ended.")
            : TypedResults.Ok(new BacktestResponse
            {
                Code = code,
                Version = version,
                From = from,
                To = to,
                KnownAt = knownAt,
                Complete = result.Payments < BacktestStore.MostPayments,
                Result = result,
            });
    }
}

/// <summary>Which time to run a rule over.</summary>
internal sealed record BacktestRequest
{
    /// <summary>Payments tried from then on; required.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>To before then; required.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Labels that had arrived by then are "known then". Default: <see cref="To"/>.</summary>
    public DateTimeOffset? KnownAt { get; init; }
}

/// <summary>What a version of a rule would have done.</summary>
internal sealed record BacktestResponse
{
    public required string Code { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required DateTimeOffset KnownAt { get; init; }

    /// <summary>False if the time has more payments than one run reads.</summary>
    public required bool Complete { get; init; }

    public required BacktestResult Result { get; init; }
}
