using System.Net.Http.Json;
using System.Text.Json;

namespace Ecom.Client;

/// <summary>The platform refused a whole request, or could not take it in all attempts.</summary>
public sealed class EcomRequestException : Exception
{
    internal EcomRequestException(int status, string title, string? detail, Exception? cause = null)
        : base(detail is null ? title : $"{title}: {detail}", cause) => Status = status;

    /// <summary>HTTP status; 0 if there was no answer.</summary>
    public int Status { get; }

    /// <summary>What is wrong, by parameter or JSON path; empty unless the status is 400.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; private init; } = new Dictionary<string, string[]>();

    /// <summary>Whether the same request may succeed later: no answer, 408, 429 or 5xx.</summary>
    public bool IsTransient => Status is 0 or 408 or 429 or >= 500;

    /// <summary>What an answer that is no success says.</summary>
    internal static async Task<EcomRequestException> OfAsync(
        HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        var title = $"The platform answered {status}";
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return new EcomRequestException(status, title, null);
        }

        var problem = await response.Content.ReadFromJsonAsync<Problem>(JsonSerializerOptions.Web, cancellation);
        var errors = problem?.Errors ?? [];
        var detail = errors.Count == 0
            ? problem?.Detail
            : string.Join(' ', errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"));
        return new EcomRequestException(status, problem?.Title ?? title, detail) { Errors = errors };
    }

    /// <summary>The time that an answer asks to wait, at most a longest one; null if it names none.</summary>
    internal static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock, TimeSpan longest)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait is { } stated ? TimeSpan.FromTicks(Math.Clamp(stated.Ticks, 0, longest.Ticks)) : null;
    }

    private sealed record Problem(string? Title, string? Detail, Dictionary<string, string[]>? Errors);
}
