using System.Threading.Channels;
using Ecom.Console.Storage;
using Ecom.Console.Traces;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Ecom.Console.Jobs;

/// <summary>
/// Takes decoded telemetry from the receiver and writes it in batches. The queues are bounded: with the database away,
/// what comes beyond them is dropped and counted, and the services that export never wait.
/// </summary>
internal sealed partial class TelemetryWriter(
    SpanStore store, IOptions<ConsoleOptions> options, TimeProvider clock, ILogger<TelemetryWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _futureTolerance = TimeSpan.FromHours(1);

    private readonly Channel<SpanRecord> _spans = Channel.CreateBounded<SpanRecord>(
        new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });

    private readonly Channel<LogRecord> _logs = Channel.CreateBounded<LogRecord>(
        new BoundedChannelOptions(options.Value.QueueLength) { SingleReader = true });

    /// <summary>Queues spans for writing, without waiting.</summary>
    /// <returns>How many were dropped: too old to be kept, dated in the future, or no room.</returns>
    public int Enqueue(IReadOnlyList<SpanRecord> spans)
    {
        var now = clock.GetUtcNow();
        var oldest = OldestKept().ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        int tooOld = 0, inFuture = 0, noRoom = 0;
        foreach (var span in spans)
        {
            if (span.StartedAt < oldest)
            {
                tooOld++;
            }
            else if (span.StartedAt > now + _futureTolerance)
            {
                inFuture++;
            }
            else if (_spans.Writer.TryWrite(span))
            {
                Telemetry.SpansWaiting.Add(1);
            }
            else
            {
                noRoom++;
            }
        }

        CountDropped(tooOld, "too_old");
        CountDropped(inFuture, "in_future");
        CountDropped(noRoom, "queue_full");
        return tooOld + inFuture + noRoom;
    }

    /// <summary>Queues log lines for writing, without waiting.</summary>
    /// <returns>How many were dropped for want of room.</returns>
    public int Enqueue(IReadOnlyList<LogRecord> logs)
    {
        var dropped = logs.Count(log => !_logs.Writer.TryWrite(log));
        if (dropped > 0)
        {
            Telemetry.LogsDropped.Add(dropped, Telemetry.Reason("queue_full"));
        }

        return dropped;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Spans of these statements would come back as telemetry to be written, for ever.
        using var untraced = SuppressInstrumentationScope.Begin();
        return Task.WhenAll(
            DrainAsync(_spans.Reader, WriteSpansAsync, stoppingToken),
            DrainAsync(_logs.Reader, WriteLogsAsync, stoppingToken));
    }

    private async Task DrainAsync<T>(
        ChannelReader<T> reader, Func<List<T>, CancellationToken, Task> write, CancellationToken stopping)
    {
        var batch = new List<T>(options.Value.BatchSize);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (batch.Count == 0)
                {
                    await reader.WaitToReadAsync(stopping);
                    await Task.Delay(options.Value.FlushInterval, clock, stopping);
                }

                while (batch.Count < options.Value.BatchSize && reader.TryRead(out var item))
                {
                    batch.Add(item);
                }

                await write(batch, stopping);
                batch.Clear();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                await RecoverAsync(error, batch, stopping);
            }
        }
    }

    // A batch that the database refuses would stop all others: only an absent database is waited for.
    private async Task RecoverAsync<T>(Exception error, List<T> batch, CancellationToken stopping)
    {
        if (error is NpgsqlException { IsTransient: true })
        {
            LogWaiting(error.Message);
            await Task.Delay(_retryDelay, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        LogRefused(error, batch.Count);
        if (batch is List<SpanRecord>)
        {
            Telemetry.SpansWaiting.Add(-batch.Count);
            CountDropped(batch.Count, "invalid");
        }

        batch.Clear();
    }

    private async Task WriteSpansAsync(List<SpanRecord> batch, CancellationToken cancellation)
    {
        Telemetry.SpansStored.Add(await store.AddAsync(batch, cancellation));
        Telemetry.SpansWaiting.Add(-batch.Count);
    }

    private async Task WriteLogsAsync(List<LogRecord> batch, CancellationToken cancellation)
    {
        await store.AddAsync(batch, cancellation);
        Telemetry.LogsStored.Add(batch.Count);
    }

    private DateOnly OldestKept() => Pruning.OldestKept(clock, options.Value);

    private static void CountDropped(int count, string reason)
    {
        if (count > 0)
        {
            Telemetry.SpansDropped.Add(count, Telemetry.Reason(reason));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL is away, telemetry waits: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "PostgreSQL refused telemetry, {Count} records are dropped")]
    private partial void LogRefused(Exception error, int count);
}
