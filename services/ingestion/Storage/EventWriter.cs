using System.Diagnostics;
using System.Threading.Channels;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// One writer for all requests of this process (group commit): while a transaction commits, the next requests gather;
/// they are written together as soon as it is done. A request is answered only after its commit.
/// </summary>
internal sealed partial class EventWriter : BackgroundService
{
    private const int Attempts = 3;

    private readonly GroupTransaction _group;
    private readonly int _mostEvents;
    private readonly ILogger<EventWriter> _logger;
    private readonly Channel<Submission> _waiting;

    public EventWriter(GroupTransaction group, IOptions<IngestionOptions> options, ILogger<EventWriter> logger)
    {
        _group = group;
        _mostEvents = options.Value.MaxGroupEvents;
        _logger = logger;
        _waiting = Channel.CreateBounded<Submission>(
            new BoundedChannelOptions(options.Value.MaxWaitingRequests) { SingleReader = true });
    }

    /// <summary>Writes events, together with other requests' events.</summary>
    /// <returns>A verdict for each event, in order; null if too many requests wait already.</returns>
    /// <exception cref="NpgsqlException">Nothing of the request was written.</exception>
    public async Task<IReadOnlyList<Verdict>?> WriteAsync(
        IReadOnlyList<ReadEvent> events, CancellationToken cancellation)
    {
        if (events.Count == 0)
        {
            return [];
        }

        var submission = new Submission(events);
        return _waiting.Writer.TryWrite(submission)
            ? await submission.Written.Task.WaitAsync(cancellation)
            : null;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What waits is still written; what comes later is refused, as if too many waited.
        _waiting.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken);
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The loop belongs to no request, and a transaction holds many of them.
        Activity.Current = null;
        var group = new List<Submission>();
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            group.Clear();
            var events = 0;
            while (events < _mostEvents && _waiting.Reader.TryRead(out var next))
            {
                group.Add(next);
                events += next.Events.Count;
            }

            await WriteGroupAsync(group, events);
        }
    }

    private async Task WriteGroupAsync(IReadOnlyList<Submission> group, int events)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await WriteTogetherAsync(group);
            IngestionTelemetry.GroupWritten(group.Count, events, watch.Elapsed);
        }
        catch (PostgresException error) when (group.Count > 1 && PostgresFault.Describe(error) is null)
        {
            // Something in the group cannot be written; alone, it fails only the request that it belongs to.
            LogWrittenApart(error, group.Count);
            foreach (var submission in group)
            {
                await WriteGroupAsync([submission], submission.Events.Count);
            }
        }
        catch (Exception error)
        {
            LogFailed(error, group.Count, events);
            foreach (var submission in group)
            {
                submission.Written.TrySetException(error);
            }
        }
    }

    private async Task WriteTogetherAsync(IReadOnlyList<Submission> group)
    {
        IReadOnlyList<ReadEvent> events = group.Count == 1 ? group[0].Events : [.. group.SelectMany(s => s.Events)];
        var verdicts = await WriteWithRetryAsync(events);
        var start = 0;
        foreach (var submission in group)
        {
            var own = verdicts.Skip(start).Take(submission.Events.Count).ToArray();
            start += own.Length;
            submission.Written.TrySetResult(own);
        }
    }

    // Deadlocks and lost serialisation between replicas pass at once; a database that is away fails the request.
    private async Task<IReadOnlyList<Verdict>> WriteWithRetryAsync(IReadOnlyList<ReadEvent> events)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _group.WriteAsync(events, CancellationToken.None);
            }
            catch (PostgresException error) when (error.IsTransient && attempt < Attempts)
            {
                LogRetried(attempt, error.SqlState);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A group of {Requests} requests failed and is written apart")]
    private partial void LogWrittenApart(Exception error, int requests);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Requests} requests with {Events} events were not written")]
    private partial void LogFailed(Exception error, int requests, int events);

    [LoggerMessage(Level = LogLevel.Information, Message = "Attempt {Attempt} of a group met {SqlState}, tried again")]
    private partial void LogRetried(int attempt, string sqlState);

    private sealed record Submission(IReadOnlyList<ReadEvent> Events)
    {
        public TaskCompletionSource<IReadOnlyList<Verdict>> Written { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
