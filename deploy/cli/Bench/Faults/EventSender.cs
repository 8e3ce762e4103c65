using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Ecom.Cli.Bench.Faults;

/// <summary>
/// Sends events on a schedule, whatever the system does; each request again and again until it is answered.
/// </summary>
internal sealed class EventSender : IDisposable
{
    private const int MostInFlight = 1_000;
    private const double SentAgain = 0.05;
    private const double SentTwiceAtOnce = 0.03;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);
    private static readonly MediaTypeHeaderValue _json = new("application/json");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly SemaphoreSlim _slots = new(MostInFlight);
    private readonly Ledger _ledger;
    private readonly Random _random;
    private readonly Uri _address;

    public EventSender(TrialSystem trial, Ledger ledger, int seed)
    {
        _ledger = ledger;
        _random = new Random(seed);
        _address = trial.Client.Address("ingestion", "/v1/batch");
        _http.DefaultRequestHeaders.Add("X-Api-Key", trial.SenderKey);
    }

    /// <summary>Offers batches at a rate, open loop, and returns when the last is answered.</summary>
    /// <param name="batches">The requests.</param>
    /// <param name="rate">Events a second.</param>
    /// <param name="cancellation">Gives up what is not answered.</param>
    public async Task OfferAsync(
        IReadOnlyList<IReadOnlyList<PlannedEvent>> batches, int rate, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var sent = 0;
        var requests = new List<Task>();
        foreach (var batch in batches)
        {
            var due = TimeSpan.FromSeconds((double)sent / rate) - watch.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellation);
            }

            await _slots.WaitAsync(cancellation);
            requests.Add(OfferAsync(batch, _random.NextDouble(), cancellation));
            sent += batch.Count;
        }

        await Task.WhenAll(requests);
    }

    /// <summary>One request, until it is answered.</summary>
    public async Task SendAsync(IReadOnlyList<PlannedEvent> batch, CancellationToken cancellation)
    {
        foreach (var planned in batch)
        {
            _ledger.Expect(planned);
        }

        for (var pause = TimeSpan.FromMilliseconds(100); !await TrySendAsync(batch, cancellation); pause *= 2)
        {
            _ledger.Retried();
            await Task.Delay(pause < _longestPause ? pause : _longestPause, cancellation);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _slots.Dispose();
    }

    private async Task OfferAsync(IReadOnlyList<PlannedEvent> batch, double draw, CancellationToken cancellation)
    {
        try
        {
            if (draw < SentTwiceAtOnce)
            {
                await Task.WhenAll(SendAsync(batch, cancellation), SendAsync(batch, cancellation));
                return;
            }

            await SendAsync(batch, cancellation);
            if (draw < SentTwiceAtOnce + SentAgain)
            {
                await SendAsync(batch, cancellation);
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<bool> TrySendAsync(IReadOnlyList<PlannedEvent> batch, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(Body(batch));
            content.Headers.ContentType = _json;
            using var answer = await _http.PostAsync(_address, content, cancellation);
            if (!answer.IsSuccessStatusCode)
            {
                return false;
            }

            var results = (await answer.Content.ReadFromJsonAsync<Answer>(cancellation))?.Results ?? [];
            if (results.Count != batch.Count)
            {
                return false;
            }

            foreach (var (planned, result) in batch.Zip(results))
            {
                _ledger.Answer(planned.MessageId, result.Status, result.EventId);
            }

            return true;
        }
        catch (Exception none) when (TrialSystem.IsNoAnswer(none, cancellation))
        {
            return false;
        }
    }

    private static byte[] Body(IReadOnlyList<PlannedEvent> batch)
    {
        using var stream = new MemoryStream();
        stream.Write("{\"batch\":["u8);
        foreach (var (index, planned) in batch.Index())
        {
            stream.Write(index == 0 ? ""u8 : ","u8);
            stream.Write(planned.Json.Span);
        }

        stream.Write("]}"u8);
        return stream.ToArray();
    }

    private sealed record Answer
    {
        public IReadOnlyList<Result> Results { get; init; } = [];
    }

    private sealed record Result
    {
        public required string Status { get; init; }

        public required Guid EventId { get; init; }
    }
}
