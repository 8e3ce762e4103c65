using Ecom.ServiceDefaults.Messaging;

namespace Ecom.UnitTests.Messaging;

public sealed class MessageGroupsTests
{
    private readonly List<int[]> _written = [];
    private readonly TaskCompletionSource _firstIsRunning = new();
    private readonly TaskCompletionSource _firstMayEnd = new();

    [Fact]
    public async Task What_comes_while_a_group_is_written_is_written_together()
    {
        var groups = new MessageGroups<int>(64, WriteAsync);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        var others = new[] { 2, 3, 4 }.Select(message => groups.WriteAsync(message, default)).ToArray();
        Assert.All(others, other => Assert.False(other.IsCompleted));

        _firstMayEnd.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([[1], [2, 3, 4]], _written);
    }

    [Fact]
    public async Task A_group_holds_no_more_messages_than_it_may()
    {
        var groups = new MessageGroups<int>(2, WriteAsync);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        var others = new[] { 2, 3, 4 }.Select(message => groups.WriteAsync(message, default)).ToArray();

        _firstMayEnd.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([[1], [2, 3], [4]], _written);
    }

    [Fact]
    public async Task A_message_that_cannot_be_written_fails_alone()
    {
        var groups = new MessageGroups<int>(64, WriteAsync);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        var good = groups.WriteAsync(2, default);
        var bad = groups.WriteAsync(-3, default);
        var alsoGood = groups.WriteAsync(4, default);

        _firstMayEnd.SetResult();
        await Task.WhenAll(first, good, alsoGood);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal("-3", error.Message);
        Assert.Equal([[1], [2], [4]], _written);
    }

    [Fact]
    public async Task A_writer_that_throws_before_it_begins_fails_its_message_and_not_the_next()
    {
        var groups = new MessageGroups<int>(64, (group, _) =>
            group[0] < 0 ? throw new InvalidOperationException() : Task.CompletedTask);

        await Assert.ThrowsAsync<InvalidOperationException>(() => groups.WriteAsync(-1, default));
        await groups.WriteAsync(2, default).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_stops_waiting_does_not_stop_the_group()
    {
        var groups = new MessageGroups<int>(64, WriteAsync);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        using var stopping = new CancellationTokenSource();
        var left = groups.WriteAsync(2, stopping.Token);
        var stayed = groups.WriteAsync(3, default);

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        _firstMayEnd.SetResult();
        await Task.WhenAll(first, stayed);

        Assert.Equal([[1], [2, 3]], _written);
    }

    [Fact]
    public async Task Messages_of_one_key_keep_their_order_and_nobody_else_waits_for_them()
    {
        var groups = new MessageGroups<int>(64, WriteAsync, message => [message % 10]);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        var others = new[] { 11, 2, 12, 22, 3, 21 }.Select(message => groups.WriteAsync(message, default)).ToArray();

        _firstMayEnd.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([[1], [11, 2, 3], [12, 21], [22]], _written);
    }

    [Fact]
    public async Task A_message_of_several_keys_waits_for_all_and_keeps_its_place()
    {
        IReadOnlyList<long> KeysOf(int message) => message == 12 ? [1, 2] : [message % 10];
        var groups = new MessageGroups<int>(64, WriteAsync, KeysOf);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        var others = new[] { 2, 12, 22, 3 }.Select(message => groups.WriteAsync(message, default)).ToArray();

        _firstMayEnd.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([[1], [2, 3], [12], [22]], _written);
    }

    [Fact]
    public async Task Groups_at_once_share_no_key()
    {
        var groups = new MessageGroups<int>(64, WriteAsync, message => [message % 10], atOnce: 2);
        var first = groups.WriteAsync(1, default);
        await _firstIsRunning.Task;
        var waits = groups.WriteAsync(11, default);
        await groups.WriteAsync(2, default).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(waits.IsCompleted);

        _firstMayEnd.SetResult();
        await Task.WhenAll(first, waits);

        Assert.Equal([[2], [1], [11]], _written);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Many_writers_of_few_keys_lose_no_message_and_never_meet(int atOnce)
    {
        var (written, inside) = (0, new int[7]);
        var groups = new MessageGroups<int>(
            8,
            async (group, _) =>
            {
                Assert.All(group, message => Assert.Equal(1, Interlocked.Increment(ref inside[message % 7])));
                await Task.Yield();
                Assert.All(group, message => Assert.Equal(0, Interlocked.Decrement(ref inside[message % 7])));
                Interlocked.Add(ref written, group.Count);
            },
            message => [message % 7],
            atOnce);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 5_000),
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (message, cancellation) => await groups.WriteAsync(message, cancellation));

        Assert.Equal(5_000, written);
    }

    [Fact]
    public async Task Many_writers_at_once_lose_no_message()
    {
        var written = 0;
        var groups = new MessageGroups<int>(8, async (group, _) =>
        {
            await Task.Yield();
            Interlocked.Add(ref written, group.Count);
        });

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 5_000),
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (message, cancellation) => await groups.WriteAsync(message, cancellation));

        Assert.Equal(5_000, written);
    }

    private async Task WriteAsync(IReadOnlyList<int> group, CancellationToken cancellation)
    {
        if (group.Contains(1))
        {
            _firstIsRunning.SetResult();
            await _firstMayEnd.Task;
        }

        if (group.Any(message => message < 0))
        {
            throw new InvalidOperationException(string.Join(' ', group));
        }

        _written.Add([.. group]);
    }
}
