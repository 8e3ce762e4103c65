using System.Text.RegularExpressions;

namespace Ecom.Console.Otlp;

/// <summary>
/// Keeps personal data out of stored telemetry. Customer ids are the shop's pseudonyms and stay: a trace is found by
/// them.
/// </summary>
internal static class Masking
{
    public const string Masked = "(masked)";

    private static readonly HashSet<string> _personal = new(StringComparer.Ordinal)
    {
        "client.address",
        "client.socket.address",
        "net.peer.ip",
        "net.sock.peer.addr",
        "network.peer.address",
        "http.client_ip",
        "enduser.id",
        "user.email",
        "user.full_name",
        "user.name",
        "user_agent.original",
        "http.user_agent",
    };

    /// <summary>True if a value under this name is never stored.</summary>
    public static bool IsPersonal(string attribute) =>
        _personal.Contains(attribute) || attribute.StartsWith("http.request.header.", StringComparison.Ordinal);

    // Linear in the text whatever it holds: a limit on time would fail whole exports on a busy machine.
    private static readonly Regex _emailAddress = new(
        @"[\w.+%-]+@[\w-]+(\.[\w-]+)+", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Replaces e-mail addresses, whatever the attribute's name.</summary>
    public static string Mask(string text) =>
        text.Contains('@', StringComparison.Ordinal) ? _emailAddress.Replace(text, Masked) : text;
}
