using System.Net;
using System.Net.Sockets;

namespace Ecom.Fraud.Webhooks;

/// <summary>
/// Where events may be sent: whoever may subscribe must not reach, through this service, what only it can reach.
/// </summary>
internal static class WebhookTarget
{
    private const int LongestUrl = 2_000;

    // Not for the public, of both families; mapped and translated addresses hide others.
    private static readonly IPNetwork[] _private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("fc00::/7"),
    ];

    private static readonly IPNetwork[] _special =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/128"), IPNetwork.Parse("64:ff9b::/32"), IPNetwork.Parse("2001::/32"),
        IPNetwork.Parse("2002::/16"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    /// <summary>What is wrong with an address of the web; null if nothing.</summary>
    public static string? ProblemOf(string? url, WebhookOptions options)
    {
        if (url is not { Length: > 0 and <= LongestUrl } || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return $"Required: an absolute URL of at most {LongestUrl} characters.";
        }

        if (uri.Scheme != Uri.UriSchemeHttps
            && !(uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && options.AllowLoopback))
        {
            return "Must begin with https://.";
        }

        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            return "Must have no user name and no fragment.";
        }

        var isOurs = uri.IsLoopback
            ? !options.AllowLoopback
            : IPAddress.TryParse(uri.DnsSafeHost, out var address) && !IsAllowed(address, options);
        return isOurs ? "Must be a public address." : null;
    }

    /// <summary>Whether an address that a name led to may be connected to.</summary>
    public static bool IsAllowed(IPAddress address, WebhookOptions options)
    {
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(real) ? options.AllowLoopback
            : !_special.Any(network => network.Contains(real))
                && (options.AllowPrivateNetworks || !_private.Any(network => network.Contains(real)));
    }

    /// <summary>Connects to a name at an allowed address: asked here, so that nobody swaps it.</summary>
    /// <exception cref="HttpRequestException">It has none.</exception>
    public static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint target, WebhookOptions options, CancellationToken cancellation)
    {
        var found = await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = found.Where(address => IsAllowed(address, options)).ToArray();
        if (allowed.Length == 0)
        {
            throw new HttpRequestException($"{target.Host} has no public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
