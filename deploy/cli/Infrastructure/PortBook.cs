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

    /// <summary>
    /// The port of a name. One that its own process uses is never moved: ask before the process starts.
    /// </summary>
    public int For(string name)
    {
        if (assigned.TryGetValue(name, out var known) && isFree(known))
        {
            return known;
        }

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
