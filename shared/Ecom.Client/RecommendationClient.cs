using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Polly;

namespace Ecom.Client;

/// <summary>Asks the platform what to show. Safe for use by many threads; keep one for the whole process.</summary>
/// <remarks>
/// <para>A shop page does not wait: time-outs, one retry and a circuit breaker come with
/// <see cref="EcomClientExtensions.AddEcomClient"/>. When the platform is away, hangs or is overloaded, the answer
/// comes
/// from this client's memory and says so (<see cref="Recommendations.Origin"/>): what was answered to the same question
/// before, else what was recommended most often lately, else the products that the storefront configured.</para>
/// <para>After 429 or 503 with Retry-After the platform is not asked before that time is over, at most a minute.</para>
/// </remarks>
public sealed class RecommendationClient
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly HttpClient _pages;
    private readonly HttpClient _patient;
    private readonly AnswerMemory _memory;
    private readonly TimeProvider _clock;
    private long _pausedUntil = long.MinValue;

    /// <summary>A client over HttpClients of your own, without retries.</summary>
    /// <param name="pages">Asks for recommendations: base address, time-out, key of scope read.</param>
    /// <param name="patient">Feedback (scope ingest) and explanations; null uses the first.</param>
    /// <param name="settings">What is remembered; null for defaults.</param>
    /// <param name="clock">Null is the system's.</param>
    public RecommendationClient(
        HttpClient pages, HttpClient? patient = null, EcomClientOptions? settings = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(pages);
        _pages = pages;
        _patient = patient ?? pages;
        _clock = clock ?? TimeProvider.System;
        _memory = new AnswerMemory(settings ?? new EcomClientOptions(), _clock);
    }

    /// <summary>The products for a placement and a visitor, best first.</summary>
    /// <param name="question">What is to be filled, for whom.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Not empty while the shop has products on sale, unless a strict filter leaves none.</returns>
    /// <exception cref="EcomRequestException">
    /// The question is wrong (400), the key is (401, 403), the product is unknown (404); or the platform is away and
    /// nothing is remembered (status of the last answer, 0 without one).
    /// </exception>
    public async Task<Recommendations> GetAsync(
        RecommendationQuestion question, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        var path = question.ToPath();
        EcomRequestException failure;
        if (_clock.GetTimestamp() < Volatile.Read(ref _pausedUntil))
        {
            failure = new EcomRequestException(503, "The platform asked to be left alone for a while", null);
        }
        else
        {
            try
            {
                var answer = await ReadAsync<Recommendations>(_pages, path, cancellation);
                _memory.Keep(path, question, answer);
                return answer;
            }
            catch (EcomRequestException away) when (away.IsTransient)
            {
                failure = away;
            }
        }

        return _memory.Recall(path, question) ?? throw failure;
    }

    /// <summary>Page after page, without repetition, until there is no more or the platform goes away.</summary>
    /// <param name="question">The first page; <see cref="RecommendationQuestion.Count"/> is the length of each.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="EcomRequestException">As <see cref="GetAsync"/>, for the first page.</exception>
    public async IAsyncEnumerable<Recommendations> GetPagesAsync(
        RecommendationQuestion question, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        var page = await GetAsync(question, cancellation);
        yield return page;
        while (page.Next is { } next)
        {
            page = await GetAsync(question with { Cursor = next }, cancellation);

            // What memory holds may have stood on an earlier page.
            if (page.Items.Count == 0 || page.Origin != AnswerOrigin.Platform)
            {
                yield break;
            }

            yield return page;
        }
    }

    /// <summary>A visitor does not want to see a product again, or takes that back.</summary>
    /// <param name="feedback">Who and what. Saying it twice is saying it once, so it is tried again.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="EcomRequestException">It was refused or could not be said.</exception>
    public async Task SendFeedbackAsync(RecommendationFeedback feedback, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(feedback);
        _memory.Forget(feedback.CustomerId, feedback.AnonymousId);
        using var body = JsonContent.Create(feedback, options: JsonSerializerOptions.Web);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/feedback") { Content = body };
        using var answer = await SendAsync(_patient, request, cancellation);
    }

    /// <summary>What each stage of an answer says of one product: why it is there, or why it is not.</summary>
    /// <param name="question">The answer in question.</param>
    /// <param name="productId">The product in question.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="EcomRequestException">Refused, unknown product (404), or the platform is away.</exception>
    public Task<RecommendationExplanation> ExplainAsync(
        RecommendationQuestion question, string productId, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return ReadAsync<RecommendationExplanation>(_patient, question.ToExplainPath(productId), cancellation);
    }

    private async Task<T> ReadAsync<T>(HttpClient http, string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(http, request, cancellation);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, cancellation)
                ?? throw new EcomRequestException(0, "The platform gave an empty answer", null);
        }
        catch (JsonException strange)
        {
            throw new EcomRequestException(0, "The platform gave an answer of another form", strange.Message, strange);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpClient http, HttpRequestMessage request, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellation);
        }
        catch (Exception away) when (away is HttpRequestException or ExecutionRejectedException
            || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new EcomRequestException(0, "The platform cannot be reached", away.Message, away);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                && EcomRequestException.RetryAfter(response, _clock, _longestPause) is { } pause)
            {
                Volatile.Write(
                    ref _pausedUntil,
                    _clock.GetTimestamp() + (long)(pause.TotalSeconds * _clock.TimestampFrequency));
            }

            throw await EcomRequestException.OfAsync(response, cancellation);
        }
    }
}

/// <summary>A visitor is not interested in a product.</summary>
public sealed record RecommendationFeedback
{
    /// <summary>Known customer; else the browser must be named.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Id of the browser.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>The product, 1–100 characters.</summary>
    public required string ProductId { get; init; }

    /// <summary>True takes it back. Default false.</summary>
    public bool Undo { get; init; }
}
