using System.Threading.Channels;
using Ecom.Recommendation.Outcomes;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Placements;

/// <summary>
/// Collects answers off the request path and announces them in batches, so that outcomes can be joined to them.
/// </summary>
/// <remarks>
/// Bounded: when the database stays away, the oldest answers are dropped and counted; no shop page waits for it.
/// </remarks>
internal sealed partial class ServedAnswers(AnswerStore store, ILogger<ServedAnswers> logger) : BackgroundService
{
    // All of an interval, where a transaction costs by the visitors and slices that it counts more than by the answers.
    private const int AnswersInTransaction = 5_000;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);

    private readonly Channel<ServedAnswer> _waiting = Channel.CreateBounded<ServedAnswer>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest },
        _ => Telemetry.ServedDropped.Add(1));

    public void Add(ServedAnswer answer) => _waiting.Writer.TryWrite(answer);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await AnnounceAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await AnnounceAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(error.Message);
            }
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellation)
    {
        var batch = new List<ServedAnswer>();
        while (_waiting.Reader.TryRead(out var answer))
        {
            batch.Add(answer);
            if (batch.Count == AnswersInTransaction)
            {
                await store.AnnounceAsync(batch, cancellation);
                batch = [];
            }
        }

        if (batch.Count > 0)
        {
            await store.AnnounceAsync(batch, cancellation);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Answers could not be announced: {Reason}")]
    private partial void LogFailed(string reason);
}
