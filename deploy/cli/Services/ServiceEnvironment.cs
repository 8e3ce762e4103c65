using System.Globalization;
using System.Text;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>What each service is told: addresses, keys, where it may write.</summary>
internal sealed class ServiceEnvironment(
    InstanceDirectory instance,
    InfrastructureAddresses addresses,
    IReadOnlyDictionary<string, string> postgresByService,
    IReadOnlyDictionary<string, string> clearKeys,
    double sampleRatio)
{
    public static Uri AddressOf(InstanceDirectory instance, ServiceDefinition service) =>
        new($"http://127.0.0.1:{instance.Ports.Known(service.Name)}");

    public IReadOnlyDictionary<string, string> For(ServiceDefinition service)
    {
        var storage = Path.Combine(instance.Root, "storage", service.Name);
        Directory.CreateDirectory(storage);
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = Trimmed(AddressOf(instance, service)),
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ConnectionStrings__Postgres"] = postgresByService[service.Name],
            ["ConnectionStrings__Redis"] = addresses.Redis,
            ["ConnectionStrings__RabbitMq"] = addresses.RabbitMq.AbsoluteUri,
            ["Keys__Path"] = ApiKeyFile.HashedPath(instance),
            ["Keys__Own"] = clearKeys[service.Name],
            ["Privacy__HashKey"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(instance.Secret("privacy"))),
            ["Storage__Path"] = storage,
            ["Telemetry__SampleRatio"] = sampleRatio.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var other in ServiceDefinition.All)
        {
            variables[$"Services__{other.Key}"] = Trimmed(AddressOf(instance, other));
        }

        foreach (var (position, queue) in Subscribers.Of(service.Name).Index())
        {
            variables[$"Messaging__Subscribers__{position}"] = queue;
        }

        if (Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is null or "")
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = variables["Services__Console"];
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"X-Api-Key={clearKeys[ApiKeyFile.Telemetry]}";
        }

        return variables;
    }

    private static string Trimmed(Uri address) => address.AbsoluteUri.TrimEnd('/');
}
