using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>Which failed messages are meant; null parts mean all.</summary>
/// <param name="Service">Name of a service.</param>
/// <param name="Queue">Name of a consumer's queue.</param>
/// <param name="Type">Name of a message, full or its last part.</param>
internal sealed record FailedFilter(string? Service, string? Queue, string? Type);

/// <summary>Messages that the services of the running system could not handle, by their <c>/v1/errors</c>.</summary>
internal sealed class FailedMessages(SystemClient client)
{
    // The console consumes nothing.
    private static readonly string[] _services =
        [.. ServiceDefinition.All.Select(service => service.Name).Where(name => name != "console")];

    /// <summary>Names of the services that a filter means, in the order in which they are listed.</summary>
    /// <exception cref="SetupException">No such service.</exception>
    public static IReadOnlyList<string> ServicesOf(FailedFilter filter)
    {
        if (filter.Service is { } service)
        {
            return _services.Contains(service)
                ? [service]
                : throw new SetupException(
                    $"No service {service} consumes messages. Known: {string.Join(", ", _services)}.");
        }

        var owner = filter.Queue is { } queue
            ? _services.FirstOrDefault(name => queue.StartsWith($"{name}-", StringComparison.Ordinal))
            : null;
        return owner is null ? _services : [owner];
    }

    /// <summary>The newest failed messages of a service, and counts of all that fit.</summary>
    public async Task<JsonNode> ListAsync(
        string service, FailedFilter filter, string state, int limit, CancellationToken cancellation)
    {
        var path = $"/v1/errors?state={Uri.EscapeDataString(state)}&limit={limit}";
        path += filter.Queue is { } queue ? $"&queue={Uri.EscapeDataString(queue)}" : "";
        path += filter.Type is { } type ? $"&type={Uri.EscapeDataString(type)}" : "";
        return (await client.GetAsync(service, path, cancellation))!;
    }

    /// <summary>One message with everything, and the service that has it; null if none has.</summary>
    public async Task<(string Service, JsonNode Detail)?> FindAsync(
        Guid id, FailedFilter filter, CancellationToken cancellation)
    {
        foreach (var service in ServicesOf(filter))
        {
            if (await client.GetAsync(service, $"/v1/errors/{id}", cancellation) is { } detail)
            {
                return (service, detail);
            }
        }

        return null;
    }

    /// <summary>Gives a message back to its queue.</summary>
    public async Task ReplayAsync(string service, Guid id, CancellationToken cancellation) =>
        await client.PostAsync(service, $"/v1/errors/{id}/replay", null, cancellation);

    /// <summary>Gives parked messages of a service back to their queues.</summary>
    /// <returns>How many.</returns>
    public Task<long> ReplayAsync(string service, FailedFilter filter, CancellationToken cancellation) => RepeatAsync(
        service, filter, "/v1/errors/replay", new { queue = filter.Queue, type = filter.Type }, cancellation);

    /// <summary>Gives up a parked message.</summary>
    public async Task DiscardAsync(string service, Guid id, string reason, CancellationToken cancellation) =>
        await client.PostAsync(service, $"/v1/errors/{id}/discard", new { reason }, cancellation);

    /// <summary>Gives up parked messages of a service.</summary>
    /// <returns>How many.</returns>
    public Task<long> DiscardAsync(
        string service, FailedFilter filter, string reason, CancellationToken cancellation) => RepeatAsync(
        service, filter, "/v1/errors/discard", new { queue = filter.Queue, type = filter.Type, reason }, cancellation);

    // A request handles a bounded number; what fails again meanwhile must not keep this going for ever.
    private async Task<long> RepeatAsync(
        string service, FailedFilter filter, string path, object body, CancellationToken cancellation)
    {
        var page = await ListAsync(service, filter, "parked", limit: 1, cancellation);
        var all = page["counts"]!.AsArray().Sum(count => count!["messages"]!.GetValue<long>());
        var handled = 0L;
        for (var now = 1L; now > 0 && handled < all; handled += now)
        {
            now = (await client.PostAsync(service, path, body, cancellation))!["handled"]!.GetValue<long>();
        }

        return handled;
    }
}
