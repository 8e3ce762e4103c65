namespace Ecom.ServiceDefaults;

/// <summary>Who this process is.</summary>
/// <param name="Name">Kebab-case name, for example "feature-store": prefix of queues and Redis keys.</param>
public sealed record ServiceIdentity(string Name)
{
    /// <summary>The service's schema in PostgreSQL, for example "feature_store".</summary>
    public string Schema => Name.Replace('-', '_');

    /// <summary>Name of this process among the replicas of the service: owner of leases.</summary>
    public string Instance { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
}
