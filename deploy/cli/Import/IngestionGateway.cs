using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Import;

/// <summary>Sends prepared events to ingestion and waits when it asks to.</summary>
/// <remarks>The events are bytes already: the typed client would parse and write each of them again.</remarks>
internal sealed class IngestionGateway(HttpClient http, TimeProvider time)
{
    private const int MostAttempts = 20;
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue _json = new("application/json");
    private static readonly JsonSerializerOptions _web = new(JsonSerializerDefaults.Web);

    /// <summary>A gateway for the service at an address.</summary>
    public static IngestionGateway Connect(Uri address, string key, TimeProvider time)
    {
        // Batches are judged one by one; a minute is far beyond what one takes.
        var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        return new IngestionGateway(http, time);
    }

    /// <summary>One batch to <c>POST /v1/batch</c>.</summary>
    /// <returns>Verdicts in the order of the events.</returns>
    public Task<IReadOnlyList<Verdict>> SendEventsAsync(
        IEnumerable<ReadOnlyMemory<byte>> events, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, "v1/batch", "batch", [.. events], cancellation);

    /// <summary>One batch to <c>PUT /v1/products/bulk</c>.</summary>
    /// <returns>Verdicts in the order of the products.</returns>
    public Task<IReadOnlyList<Verdict>> PutProductsAsync(
        IEnumerable<ReadOnlyMemory<byte>> products, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, "v1/products/bulk", "products", [.. products], cancellation);

    private async Task<IReadOnlyList<Verdict>> SendAsync(
        HttpMethod method, string path, string array, ReadOnlyMemory<byte>[] items, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            string problem;
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = Body(array, items) };
                using var answer = await http.SendAsync(request, cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return await ReadVerdictsAsync(answer, items.Length, cancellation);
                }

                problem = await DescribeAsync(answer, cancellation);
                if (answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                    or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout))
                {
                    throw new SetupException($"{http.BaseAddress}{path} refused the request: {problem}");
                }

                asked = answer.Headers.RetryAfter is { } after
                    ? after.Delta ?? after.Date - time.GetUtcNow()
                    : null;
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException
                || (lost is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                problem = lost.Message;
            }

            if (attempt == MostAttempts)
            {
                throw new SetupException(
                    $"{http.BaseAddress}{path} does not answer after {attempt} attempts: {problem}");
            }

            await Task.Delay(Wait(asked, attempt), time, cancellation);
        }
    }

    private static TimeSpan Wait(TimeSpan? asked, int attempt)
    {
        var wait = asked ?? TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt - 1));
        return TimeSpan.FromTicks(Math.Clamp(wait.Ticks, TimeSpan.FromMilliseconds(50).Ticks, _longestWait.Ticks));
    }

    private ByteArrayContent Body(string array, ReadOnlyMemory<byte>[] items)
    {
        var head = Encoding.UTF8.GetBytes($$"""{"sentAt":"{{time.GetUtcNow().UtcDateTime:O}}","{{array}}":[""");
        var body = new byte[head.Length + items.Sum(item => item.Length + 1) + 2];
        head.CopyTo(body, 0);
        var at = head.Length;
        foreach (var item in items)
        {
            item.Span.CopyTo(body.AsSpan(at));
            at += item.Length;
            body[at++] = (byte)',';
        }

        // The comma after the last item, if any, makes room for the end.
        at -= items.Length > 0 ? 1 : 0;
        body[at++] = (byte)']';
        body[at++] = (byte)'}';
        var content = new ByteArrayContent(body, 0, at);
        content.Headers.ContentType = _json;
        return content;
    }

    private async Task<IReadOnlyList<Verdict>> ReadVerdictsAsync(
        HttpResponseMessage answer, int sent, CancellationToken cancellation)
    {
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            var results = (await JsonSerializer.DeserializeAsync<BatchAnswer>(body, _web, cancellation))?.Results ?? [];
            return results.Count == sent
                ? results
                : throw new SetupException($"{http.BaseAddress} gave {results.Count} verdicts for {sent} events.");
        }
        catch (JsonException broken)
        {
            throw new SetupException($"{http.BaseAddress} gave an answer that is no list of verdicts.", broken);
        }
    }

    private static async Task<string> DescribeAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return $"{(int)answer.StatusCode} {answer.ReasonPhrase} {text[..Math.Min(text.Length, 500)]}".TrimEnd();
    }

    private sealed record BatchAnswer
    {
        public IReadOnlyList<Verdict> Results { get; init; } = [];
    }
}
