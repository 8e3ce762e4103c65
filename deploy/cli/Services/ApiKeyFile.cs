using System.Security.Cryptography;
using System.Text;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>One accepted key, as the services read it.</summary>
internal sealed record HashedKey
{
    public required string Client { get; init; }

    /// <summary>Hexadecimal SHA-256 of the key's UTF-8.</summary>
    public required string Sha256 { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Null: the services' own default.</summary>
    public int? RequestsPerSecond { get; init; }
}

internal sealed record HashedKeys
{
    public IReadOnlyList<HashedKey> Keys { get; init; } = [];
}

/// <summary>Makes API keys: hashed for the services, in clear for the owner of the instance.</summary>
internal static class ApiKeyFile
{
    /// <summary>Client whose key the services send their traces, metrics and logs with.</summary>
    public const string Telemetry = "telemetry";

    private const string HashedFile = "config/keys.json";
    private const string ClearFile = "secrets/keys.json";

    // Bulk senders are not to be held back by the limit that protects a shop's front.
    private const int BulkRequestsPerSecond = 100_000;

    private static readonly (string Client, string[] Scopes, int? RequestsPerSecond)[] _clients =
    [
        ("storefront", ["ingest", "read"], null),
        ("checkout", ["assess"], null),
        ("fraud-team", ["fraud", "read"], null),
        ("ops", ["ops", "read"], null),
        ("admin", ["admin", "ingest", "read", "assess", "fraud", "ops"], null),
        ("importer", ["ingest", "read"], BulkRequestsPerSecond),
        ("simulator", ["ingest", "read"], BulkRequestsPerSecond),
        (Telemetry, ["ingest"], BulkRequestsPerSecond),
        .. ServiceDefinition.All.Select(service => (service.Name, ScopesOf(service), (int?)BulkRequestsPerSecond)),
    ];

    public static string HashedPath(InstanceDirectory instance) => Path.Combine(instance.Root, HashedFile);

    public static string ClearPath(InstanceDirectory instance) => Path.Combine(instance.Root, ClearFile);

    /// <summary>Adds the keys that are missing; those that somebody else added stay.</summary>
    /// <returns>Clear keys by client.</returns>
    public static IReadOnlyDictionary<string, string> Ensure(InstanceDirectory instance)
    {
        var clear = instance.Load<SortedDictionary<string, string>>(ClearFile) ?? [];
        var hashed = (instance.Load<HashedKeys>(HashedFile) ?? new HashedKeys()).Keys.ToList();
        var before = (clear.Count, hashed.Count);
        foreach (var (client, scopes, requestsPerSecond) in _clients)
        {
            if (!clear.TryGetValue(client, out var key))
            {
                key = $"{client}-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
                clear[client] = key;
            }

            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
            if (hashed.All(known => !known.Sha256.Equals(hash, StringComparison.OrdinalIgnoreCase)))
            {
                hashed.Add(new HashedKey
                {
                    Client = client,
                    Sha256 = hash,
                    Scopes = scopes,
                    RequestsPerSecond = requestsPerSecond,
                });
            }
        }

        // Written only when something is new: the services reload the file when it changes.
        if (before != (clear.Count, hashed.Count))
        {
            instance.Save(ClearFile, clear);
            instance.Save(HashedFile, new HashedKeys { Keys = hashed });
        }

        return clear;
    }

    // The console shows and operates what belongs to all the others.
    private static string[] ScopesOf(ServiceDefinition service) => service.Name switch
    {
        "console" => ["read", "fraud", "ops"],
        // The feature store streams whole histories to operators only.
        "training" => ["read", "ops"],
        _ => ["read"],
    };
}
