using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ecom.Client;

/// <summary>Sends events and products to the platform. Safe for use by many threads.</summary>
/// <remarks>
/// What passes by itself (408, 429, 502, 503, 504, a broken connection, a time-out) is tried again, after the seconds
/// of Retry-After
/// where the platform states them, else with doubling waits; events carry their message ids, so that nothing counts
/// twice. Give the HttpClient the address of ingestion and the header <c>X-Api-Key</c> with a key of scope ingest.
/// </remarks>
/// <param name="http">Client with base address and key.</param>
/// <param name="attempts">Times to try a request, at least 1. Default 6: about half a minute.</param>
/// <param name="clock">Clock of the waits; null is the system's.</param>
public sealed class IngestionClient(HttpClient http, int attempts = 6, TimeProvider? clock = null)
{
    /// <summary>Most events, or products, that the platform takes in one request.</summary>
    public const int MostEvents = 500;

    // The platform takes 1 MB; the rest is room for the envelope around the events.
    private const int MostBytes = 1_000_000;

    private static readonly TimeSpan _firstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>Sends one event of any type.</summary>
    /// <exception cref="EcomRequestException">The request was refused or could not be sent.</exception>
    public async Task<EventVerdict> SendAsync(ShopEvent shopEvent, CancellationToken cancellation = default) =>
        (await SendBatchAsync([shopEvent], cancellation))[0];

    /// <summary>Sends events, in as many requests as their number and size ask for, in order.</summary>
    /// <returns>A verdict for each event, in order; also for rejected ones.</returns>
    /// <exception cref="EcomRequestException">
    /// A request was refused or could not be sent; events of earlier requests are taken. Sending all again is safe.
    /// </exception>
    public Task<IReadOnlyList<EventVerdict>> SendBatchAsync(
        IReadOnlyCollection<ShopEvent> events, CancellationToken cancellation = default) =>
        SendManyAsync(HttpMethod.Post, "v1/batch", "batch", events, cancellation);

    /// <summary>Tells products, in as many requests as needed; one that did not change is a duplicate.</summary>
    /// <inheritdoc cref="SendBatchAsync"/>
    public Task<IReadOnlyList<EventVerdict>> PutProductsAsync(
        IReadOnlyCollection<CatalogueProduct> products, CancellationToken cancellation = default) =>
        SendManyAsync(HttpMethod.Put, "v1/products/bulk", "products", products, cancellation);

    private async Task<IReadOnlyList<EventVerdict>> SendManyAsync<T>(
        HttpMethod method, string path, string arrayName, IReadOnlyCollection<T> items, CancellationToken cancellation)
    {
        var verdicts = new List<EventVerdict>(items.Count);
        foreach (var body in Pack(items, arrayName))
        {
            var answer = await SendWithRetryAsync(method, path, body, cancellation);
            verdicts.AddRange(answer.Results);
        }

        return verdicts;
    }

    private static IEnumerable<byte[]> Pack<T>(IReadOnlyCollection<T> items, string arrayName)
    {
        var packed = new List<byte[]>();
        var bytes = 0;
        foreach (var item in items.Select(item => JsonSerializer.SerializeToUtf8Bytes(item, _json)))
        {
            if (packed.Count == MostEvents || (packed.Count > 0 && bytes + item.Length + 1 > MostBytes))
            {
                yield return Wrap(packed, arrayName);
                packed.Clear();
                bytes = 0;
            }

            packed.Add(item);
            bytes += item.Length + 1;
        }

        if (packed.Count > 0)
        {
            yield return Wrap(packed, arrayName);
        }
    }

    private static byte[] Wrap(List<byte[]> items, string arrayName)
    {
        using var buffer = new MemoryStream();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteStartArray(arrayName);
        foreach (var item in items)
        {
            writer.WriteRawValue(item, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.ToArray();
    }

    private async Task<Answer> SendWithRetryAsync(
        HttpMethod method, string path, byte[] body, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? stated = null;
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(body) };
                request.Content.Headers.ContentType = new("application/json");
                using var response = await http.SendAsync(request, cancellation);
                if (response.IsSuccessStatusCode)
                {
                    return await response.Content.ReadFromJsonAsync<Answer>(_json, cancellation)
                        ?? throw new EcomRequestException((int)response.StatusCode, "The answer is empty", null);
                }

                if (attempt >= attempts || !PassesByItself(response.StatusCode))
                {
                    throw await EcomRequestException.OfAsync(response, cancellation);
                }

                stated = EcomRequestException.RetryAfter(response, _clock, _longestWait);
            }
            catch (Exception error) when (IsNoAnswer(error, cancellation) && attempt < attempts)
            {
                // The platform may or may not have taken it, and the message ids make that no matter.
            }
            catch (Exception error) when (IsNoAnswer(error, cancellation))
            {
                throw new EcomRequestException(0, "The platform cannot be reached", error.Message, error);
            }

            await Task.Delay(stated ?? GrowingWait(attempt), _clock, cancellation);
        }
    }

    // A time-out of the HttpClient shows as a cancellation that nobody asked for.
    private static bool IsNoAnswer(Exception error, CancellationToken cancellation) =>
        error is HttpRequestException || (error is TaskCanceledException && !cancellation.IsCancellationRequested);

    private static bool PassesByItself(HttpStatusCode status) => status is
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
        or HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout;

    // Up to a quarter is left to chance, so that clients which failed together do not come back together.
    private static TimeSpan GrowingWait(int attempt)
    {
        var whole = Math.Min(_firstWait.TotalMilliseconds * Math.Pow(2, attempt - 1), _longestWait.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(whole * (1 - (RandomNumberGenerator.GetInt32(256) / 1024.0)));
    }

    private sealed record Answer(IReadOnlyList<EventVerdict> Results);
}
