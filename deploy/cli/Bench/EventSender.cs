using System.Net;
using System.Net.Http.Headers;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Bench;

/// <summary>Sends prepared bytes to ingestion, again where it asks to, and counts what it took.</summary>
/// <remarks>Answers are not parsed: the statuses in them are counted.</remarks>
internal sealed class EventSender : IDisposable
{
    private const int MostAttempts = 60;
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(5);
    private static readonly MediaTypeHeaderValue _json = new("application/json");
    private readonly HttpClient _http;
    private long _taken;
    private long _retries;

    public EventSender(IngestionTarget target)
    {
        _http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, UseCookies = false })
        {
            BaseAddress = target.Address,
            Timeout = TimeSpan.FromMinutes(1),
        };
        _http.DefaultRequestHeaders.Add("X-Api-Key", target.Key);
    }

    /// <summary>Events that ingestion said are in its log: accepted, or duplicates of an attempt of ours.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Requests that were sent again, after a 429, a 503 or a lost connection.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    public void Dispose() => _http.Dispose();

    /// <summary>Sends until ingestion has judged it.</summary>
    /// <param name="path">For example <c>v1/batch</c>.</param>
    /// <param name="body">JSON; not used after the task ends.</param>
    /// <param name="events">Events in it.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SetupException">Ingestion refuses, or takes nothing for long.</exception>
    public async Task SendAsync(string path, ReadOnlyMemory<byte> body, int events, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (taken, problem, asked) = await TryAsync(path, body, cancellation);
            if (problem is null)
            {
                Interlocked.Add(ref _taken, taken);
                if (taken != events)
                {
                    throw new SetupException($"Ingestion took {taken} of {events} events of a request.");
                }

                return;
            }

            if (attempt == MostAttempts)
            {
                throw new SetupException($"Ingestion takes nothing after {attempt} attempts: {problem}");
            }

            Interlocked.Increment(ref _retries);
            await Task.Delay(asked < _longestWait ? asked : _longestWait, cancellation);
        }
    }

    private async Task<(int Taken, string? Problem, TimeSpan Asked)> TryAsync(
        string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = _json } },
            };
            using var answer = await _http.SendAsync(request, cancellation);
            var text = await answer.Content.ReadAsByteArrayAsync(cancellation);
            if (answer.IsSuccessStatusCode)
            {
                return (Count(text), null, default);
            }

            var problem = $"{(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(text)}";
            return answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                ? (0, problem, answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromMilliseconds(250))
                : throw new SetupException($"Ingestion refuses: {problem}");
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException
            || (lost is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return (0, lost.Message, TimeSpan.FromMilliseconds(250));
        }
    }

    private static int Count(ReadOnlySpan<byte> answer) =>
        answer.Count("\"status\":\"accepted\""u8) + answer.Count("\"status\":\"duplicate\""u8);
}
