using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Writes the messages of a consumer together (group commit): while one transaction runs, the next messages gather, and
/// are written in one as soon as it is done. A lone message is written at once.
/// </summary>
/// <remarks>
/// A group that fails is written message by message, so that one that cannot be written fails alone. Thread-safe; one
/// group at a time. Make it once for a service; mark its consumers with <see cref="GatheredAttribute"/>.
/// </remarks>
/// <typeparam name="T">A message with its inbox entry, as the writer needs it.</typeparam>
/// <param name="mostMessages">Messages that one transaction may hold, at least 1.</param>
/// <param name="write">
/// Writes a group, all or nothing. It may be called again with messages of a group that failed.
/// </param>
public sealed class MessageGroups<T>(int mostMessages, Func<IReadOnlyList<T>, CancellationToken, Task> write)
{
    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isWriting;

    /// <summary>Returns when the message is written; throws what its writing threw.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellation">Stops waiting. The message may be written all the same.</param>
    public Task WriteAsync(T message, CancellationToken cancellation)
    {
        var waiting = new Waiting(message, Activity.Current);
        _waiting.Enqueue(waiting);
        if (Interlocked.Exchange(ref _isWriting, 1) == 0)
        {
            _ = Task.Run(DrainAsync, CancellationToken.None);
        }

        return waiting.Written.Task.WaitAsync(cancellation);
    }

    private async Task DrainAsync()
    {
        do
        {
            while (TakeGroup() is { Count: > 0 } group)
            {
                await WriteGroupAsync(group);
            }

            Volatile.Write(ref _isWriting, 0);
        }
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isWriting, 1) == 0);
    }

    private List<Waiting> TakeGroup()
    {
        var group = new List<Waiting>();
        while (group.Count < mostMessages && _waiting.TryDequeue(out var next))
        {
            group.Add(next);
        }

        return group;
    }

    private async Task WriteGroupAsync(IReadOnlyList<Waiting> group)
    {
        // The shared work is seen in the trace of one message that is traced, if any is.
        Activity.Current = group.FirstOrDefault(waiting => waiting.Trace is { Recorded: true })?.Trace;
        var writing = RunAsync(group);
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!writing.IsCompletedSuccessfully && group.Count > 1)
        {
            foreach (var waiting in group)
            {
                await WriteGroupAsync([waiting]);
            }

            return;
        }

        foreach (var waiting in group)
        {
            waiting.Written.TrySetFromTask(writing);
        }
    }

    // As a task, whatever is thrown: an exception here would end the loop for good.
    private async Task RunAsync(IEnumerable<Waiting> group) =>
        await write([.. group.Select(waiting => waiting.Message)], CancellationToken.None);

    private sealed record Waiting(T Message, Activity? Trace)
    {
        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>
/// A consumer that gathers its messages into groups: many of them are taken from the queue at once, as
/// <see cref="MessagingOptions.GatheredMessages"/> says.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GatheredAttribute : Attribute;
