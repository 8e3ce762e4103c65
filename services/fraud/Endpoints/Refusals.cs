using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Endpoints;

/// <summary>How endpoints of rules and lists say no, and whom they answer.</summary>
internal static class Refusals
{
    /// <param name="what">"rule".</param>
    /// <param name="list">Path that lists them.</param>
    public static ProblemHttpResult Missing(string what, string list) => TypedResults.Problem(
        title: $"No such {what}", detail: $"GET {list} lists them.", statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(
        title: "Not in this state", detail: detail, statusCode: StatusCodes.Status409Conflict);

    public static ValidationProblem Field(string field, string problem) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [problem] });

    /// <summary>Who changes something, for the record.</summary>
    public static string NameOf(ClaimsPrincipal user) => user.Identity?.Name ?? "unknown";
}
