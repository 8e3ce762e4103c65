using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ecom.Fraud.Alerts;

/// <summary>What became of a wish to change something.</summary>
internal enum ChangeResult
{
    /// <summary>Changed, or so already.</summary>
    Done,

    NotFound,

    /// <summary>Somebody changed it since the version that was named.</summary>
    Stale,

    /// <summary>Its state does not allow it.</summary>
    Refused,

    /// <summary>Somebody else has it locked.</summary>
    Locked,
}

/// <summary>What became of a wish to change something, and how the thing is now.</summary>
internal sealed record Change<T>(ChangeResult Result, T? Current = default, string? Why = null);

/// <summary>The version that a client believes to change, from <c>If-Match</c> or from the body.</summary>
/// <param name="Version">Null: whatever it is.</param>
/// <param name="IsHeader">Whether the header said it.</param>
internal readonly record struct Expected(int? Version, bool IsHeader)
{
    private const string Any = "*";

    /// <summary>Reads the version; the header goes first.</summary>
    /// <returns>Null if the header is not a version in quotes.</returns>
    public static Expected? Of(HttpRequest request, int? inBody)
    {
        var header = request.Headers.IfMatch.ToString().Trim();
        if (header.Length == 0 || header == Any)
        {
            return new Expected(inBody, false);
        }

        return int.TryParse(header.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? new Expected(version, true)
            : null;
    }

    public bool IsStale(int current) => Version is { } version && version != current;
}

/// <summary>Changes as answers.</summary>
internal static class ChangeAnswers
{
    /// <summary>200 with the new form and its version as ETag, or a problem that says why not.</summary>
    /// <param name="change">What became of it.</param>
    /// <param name="expected">What the client asked for.</param>
    /// <param name="version">Version of the thing.</param>
    /// <param name="what">"alert", "case".</param>
    /// <param name="response">Where the ETag goes.</param>
    public static Results<Ok<T>, ValidationProblem, ProblemHttpResult> Answer<T>(
        this Change<T> change, Expected expected, Func<T, int> version, string what, HttpResponse response)
        where T : class
    {
        if (change.Current is { } current)
        {
            response.Headers.ETag = $"\"{version(current)}\"";
        }

        return change.Result switch
        {
            ChangeResult.Done => TypedResults.Ok(change.Current!),
            ChangeResult.NotFound => NotFound(what),
            ChangeResult.Stale => Problem(
                expected.IsHeader ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status409Conflict,
                "Changed meanwhile",
                $"Version {expected.Version} was expected, version {version(change.Current!)} is there: see current.",
                change.Current),
            ChangeResult.Locked => Problem(StatusCodes.Status423Locked, "Locked", change.Why, change.Current),
            _ => Problem(StatusCodes.Status409Conflict, "Not possible in this state", change.Why, change.Current),
        };
    }

    public static ProblemHttpResult NotFound(string what) => TypedResults.Problem(
        title: $"No such {what}", statusCode: StatusCodes.Status404NotFound);

    public static ValidationProblem Invalid(string field, string problem) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [problem] });

    public static ValidationProblem InvalidVersion() =>
        Invalid("If-Match", "Must be a version in quotes, as the ETag of an answer: \"3\".");

    private static ProblemHttpResult Problem<T>(int status, string title, string? detail, T? current) =>
        TypedResults.Problem(
            title: title,
            detail: detail,
            statusCode: status,
            extensions: new Dictionary<string, object?> { ["current"] = current });
}
