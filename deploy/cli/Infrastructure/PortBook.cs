using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Ecom.Cli.Infrastructure;

/// <summary>Chooses a port for each name and keeps it for as long as it stays free.</summary>
/// <param name="assigned">Ports given before, by name; added to and changed here.</param>
/// <param name="seed">Where the search begins, so that two check-outs do not race for the same ports.</param>
/// <param name="isFree">Whether nobody listens on a port.</param>
internal sealed class PortBook(IDictionary<string, int> assigned, string seed, Func<int, bool> isFree)
{
    // Below the range from which the kernel takes ports for outgoing connections.
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Step = 50;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a name's port may stay taken before the name gets another one.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The port of a name. One that its own process uses is never moved: ask before the process starts. One that its
    /// dead process still holds, which may be for a moment after it can no longer be found, is waited for, since others
    /// go on looking for the name there.
    /// </summary>
    public async Task<int> ForAsync(string name, CancellationToken cancellation)
    {
        if (assigned.TryGetValue(name, out var known))
        {
            for (var waited = TimeSpan.Zero; waited <= Patience; waited += _poll)
            {
                if (isFree(known))
                {
                    return known;
                }

                await Task.Delay(_poll, cancellation);
            }
        }

        return Move(name);
    }

    private int Move(string name)
    {
        var start = First + (SeedNumber() % ((Last - First) / Step) * Step);
        for (var offset = 0; offset < Last - First; offset++)
        {
            var port = First + ((start - First + offset) % (Last - First));
            if (!assigned.Values.Contains(port) && isFree(port))
            {
                assigned[name] = port;
                return port;
            }
        }

        throw new SetupException($"No free port between {First} and {Last} on 127.0.0.1.");
    }

    /// <exception cref="SetupException">The name has never been given a port.</exception>
    public int Known(string name) =>
        assigned.TryGetValue(name, out var port) ? port : throw new SetupException($"No port of {name} is known.");

    public static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private int SeedNumber() =>
        BitConverter.ToUInt16(SHA256.HashData(Encoding.UTF8.GetBytes(seed)));
}
