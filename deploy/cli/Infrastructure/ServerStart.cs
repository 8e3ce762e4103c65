namespace Ecom.Cli.Infrastructure;

/// <summary>Waits until a started server answers.</summary>
internal static class ServerStart
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);
    private const int Launches = 5;

    /// <remarks>
    /// A server that ends at once is started again a few times: after a crash the dead one's last children may
    /// still hold its memory or its port for a moment.
    /// </remarks>
    /// <exception cref="SetupException">
    /// It ends again and again, or does not answer; carries its last log lines.
    /// </exception>
    public static async Task WaitAsync(
        InstanceDirectory instance,
        string name,
        Func<CancellationToken, Task<bool>> answers,
        Func<Task> launch,
        CancellationToken cancellation)
    {
        var launches = 1;
        for (var waited = TimeSpan.Zero; !await answers(cancellation); waited += _poll)
        {
            if (waited > _longest)
            {
                throw new SetupException($"{name} does not answer. Its last lines:\n{instance.LogTail(name)}");
            }

            await Task.Delay(_poll, cancellation);
            if (instance.Processes.Find(name) is not null)
            {
                continue;
            }

            if (launches++ == Launches)
            {
                throw new SetupException(
                    $"{name} ends as soon as it is started. Its last lines:\n{instance.LogTail(name)}\n"
                    + $"The whole log: {instance.LogOf(name)}");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            await launch();
        }
    }
}
