using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Import;

/// <summary>Where events go, and with which key.</summary>
internal sealed record IngestionTarget(Uri Address, string Key)
{
    /// <summary>What the user states; else the system that runs in this check-out.</summary>
    /// <param name="url">Address of ingestion; null to take that of the running system.</param>
    /// <param name="key">API key; null to take that of <paramref name="client"/>.</param>
    /// <param name="client">Client whose key is taken from the secrets of the check-out.</param>
    /// <exception cref="SetupException">The address is none, or there is no system and nothing is stated.</exception>
    public static IngestionTarget Resolve(string? url, string? key, string client)
    {
        var instance = new InstanceDirectory(Repository.MainInstance);
        if (url is null && !instance.Assigned.ContainsKey("ingestion"))
        {
            throw new SetupException("No system has been started here. Run ./ecom up, or state --url and --key.");
        }

        var address = url ?? $"http://127.0.0.1:{instance.Ports.Known("ingestion")}";
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https"))
        {
            throw new SetupException($"--url {url} is no address of the form http://host:port.");
        }

        var known = instance.Load<Dictionary<string, string>>("secrets/keys.json") ?? [];
        key ??= known.GetValueOrDefault(client)
            ?? throw new SetupException($"No key of {client} is known here. State --key.");
        return new IngestionTarget(uri, key);
    }
}
