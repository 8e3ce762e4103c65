using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Fraud.Jobs;

/// <summary>Looks for new events on behalf of all streams, so that each asks only when there is something.</summary>
internal sealed class EventFeed(EventLog events, ILogger<EventFeed> logger)
    : Follower("the events of alerts", TimeSpan.FromMilliseconds(250), logger)
{
    private long _last = -1;
    private TaskCompletionSource _moved = NewSource();

    /// <summary>Ends when there are new events. Take it before reading what is there.</summary>
    public Task Moved => Volatile.Read(ref _moved).Task;

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var last = await events.ReadLastAsync(cancellation);
        if (last != _last)
        {
            _last = last;
            Interlocked.Exchange(ref _moved, NewSource()).SetResult();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
