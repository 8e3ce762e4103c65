using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Ecom.Console.Sessions;

/// <summary>Slows down who guesses keys: some logins a minute for each address.</summary>
internal sealed class LoginLimit(IOptions<ConsoleOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.LoginsPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>False when this address has tried often enough for this minute.</summary>
    public bool TryEnter(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(address ?? IPAddress.None);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
