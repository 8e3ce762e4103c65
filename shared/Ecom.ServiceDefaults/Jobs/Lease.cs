using Npgsql;

namespace Ecom.ServiceDefaults.Jobs;

/// <summary>A held lease: renewed in the background until disposed.</summary>
public sealed class Lease : IAsyncDisposable
{
    private readonly Leases _leases;
    private readonly string _name;
    private readonly TimeSpan _duration;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _renewal;

    internal Lease(Leases leases, string name, TimeSpan duration)
    {
        _leases = leases;
        _name = name;
        _duration = duration;
        _renewal = RenewAsync();
    }

    /// <summary>Cancelled when the lease was lost: stop, another replica may be at work.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Gives the lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _renewal;
        try
        {
            await _leases.ReleaseAsync(_name);
        }
        catch (NpgsqlException)
        {
            // The database is away: the lease expires by itself.
        }

        _lost.Dispose();
        _stopped.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_duration / 3);
        var misses = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped.Token))
            {
                misses = await TryRenewAsync() ? 0 : misses + 1;
                if (misses >= 2)
                {
                    await _lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task<bool> TryRenewAsync()
    {
        try
        {
            return await _leases.TryHoldAsync(_name, _duration, _stopped.Token);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
