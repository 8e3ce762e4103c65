using System.Diagnostics;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Writes the messages of a consumer together (group commit): while one transaction runs, the next messages gather, and
/// are written in one as soon as it is done. A lone message is written at once.
/// </summary>
/// <remarks>
/// <para>
/// A group that fails is written message by message, so that one that cannot be written fails alone. Thread-safe. Make
/// it once for a service; mark its consumers with <see cref="GatheredAttribute"/>.
/// </para>
/// <para>
/// Messages that share a key are written one after the other, in the order in which they came, each in another group:
/// meanwhile the others go on.
/// </para>
/// </remarks>
/// <typeparam name="T">A message with its inbox entry, as the writer needs it.</typeparam>
public sealed class MessageGroups<T>
{
    private readonly int _mostMessages;
    private readonly int _atOnce;
    private readonly Func<IReadOnlyList<T>, CancellationToken, Task> _write;
    private readonly Func<T, IReadOnlyList<long>> _keysOf;
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiting> _waiting = [];
    private readonly HashSet<long> _held = [];
    private int _writing;

    /// <param name="mostMessages">Messages that one transaction may hold, at least 1.</param>
    /// <param name="write">
    /// Writes a group, all or nothing. It may be called again with messages of a group that failed.
    /// </param>
    /// <param name="keysOf">The keys of a message; null: no two share any.</param>
    /// <param name="atOnce">Groups that are written at once, at least 1. Default 1.</param>
    public MessageGroups(
        int mostMessages,
        Func<IReadOnlyList<T>, CancellationToken, Task> write,
        Func<T, IReadOnlyList<long>>? keysOf = null,
        int atOnce = 1) =>
        (_mostMessages, _write, _keysOf, _atOnce) = (mostMessages, write, keysOf ?? (_ => []), atOnce);

    /// <summary>Returns when the message is written; throws what its writing threw.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellation">Stops waiting. The message may be written all the same.</param>
    public Task WriteAsync(T message, CancellationToken cancellation)
    {
        var waiting = new Waiting(message, _keysOf(message), Activity.Current);
        bool begins;
        lock (_lock)
        {
            _waiting.AddLast(waiting);
            begins = _writing < _atOnce;
            _writing += begins ? 1 : 0;
        }

        if (begins)
        {
            _ = Task.Run(DrainAsync, CancellationToken.None);
        }

        return waiting.Written.Task.WaitAsync(cancellation);
    }

    private async Task DrainAsync()
    {
        while (TakeGroup() is { Count: > 0 } group)
        {
            await WriteGroupAsync(group);
            lock (_lock)
            {
                _held.ExceptWith(group.SelectMany(waiting => waiting.Keys));
            }
        }
    }

    // The oldest that share no key with a group that is being written, nor with an older one that has to wait. If there
    // is none, this was the last group: whoever comes next, or ends a group, looks again.
    private List<Waiting> TakeGroup()
    {
        lock (_lock)
        {
            var group = new List<Waiting>();
            var passed = new HashSet<long>();
            for (var node = _waiting.First; node is not null && group.Count < _mostMessages;)
            {
                var (waiting, next) = (node.Value, node.Next);
                if (waiting.Keys.Any(key => _held.Contains(key) || passed.Contains(key)))
                {
                    passed.UnionWith(waiting.Keys);
                }
                else
                {
                    _held.UnionWith(waiting.Keys);
                    _waiting.Remove(node);
                    group.Add(waiting);
                }

                node = next;
            }

            _writing -= group.Count == 0 ? 1 : 0;
            return group;
        }
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
        await _write([.. group.Select(waiting => waiting.Message)], CancellationToken.None);

    private sealed record Waiting(T Message, IReadOnlyList<long> Keys, Activity? Trace)
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
