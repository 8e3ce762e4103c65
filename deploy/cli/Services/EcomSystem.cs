using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>How the whole system is started.</summary>
internal sealed record UpOptions
{
    /// <summary>True: servers are containers of a Docker engine.</summary>
    public bool Docker { get; init; }

    /// <summary>Share of traces that are kept, 0 to 1.</summary>
    public double SampleRatio { get; init; } = 0.01;

    /// <summary>True: the services' programs are taken as they are, not built first.</summary>
    public bool Built { get; init; }

    /// <summary>True: servers of the instance's own, even if addresses of others are in the environment.</summary>
    public bool OwnServers { get; init; }

    /// <summary>What every service is told beside its own settings.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}

/// <summary>A line of <c>./ecom status</c>.</summary>
internal sealed record ProcessStatus
{
    public required string Name { get; init; }

    /// <summary>"service" or "server".</summary>
    public required string Kind { get; init; }

    /// <summary>Null: it does not run.</summary>
    public int? ProcessId { get; init; }

    public int? Port { get; init; }

    public required bool Ready { get; init; }

    public long MemoryBytes { get; init; }
}

/// <summary>The three servers and the eight services of one instance, as one thing.</summary>
internal sealed class EcomSystem(InstanceDirectory instance)
{
    public const string Database = "ecom";

    private readonly PrivateInfrastructure _infrastructure = new(instance, forTests: false);
    private readonly DockerInfrastructure _containers = new(instance);
    private readonly ServiceProcesses _services = new(instance);
    private GivenAddresses _given = new();
    private Func<ServiceDefinition, IReadOnlyDictionary<string, string>>? _environment;

    public static EcomSystem OfCheckout() => new(new InstanceDirectory(Repository.MainInstance));

    /// <summary>Brings everything up and waits until it is ready; what runs already is left alone.</summary>
    /// <exception cref="SetupException">Something cannot be started; says what and what to do.</exception>
    public async Task UpAsync(UpOptions options, Action<string> report, CancellationToken cancellation)
    {
        using var alone = await instance.LockAsync("system", report, cancellation);
        _given = options.OwnServers
            ? new GivenAddresses()
            : GivenAddresses.FromEnvironment(Environment.GetEnvironmentVariable);
        var building = options.Built
            ? Task.CompletedTask
            : SourceStamp.BuildServicesAsync(instance, report, cancellation);
        var addresses = options.Docker
            ? await _containers.StartAsync(_given, report, cancellation)
            : await _infrastructure.StartAsync(_given, report, cancellation);
        await building;

        var environment = new ServiceEnvironment(
            instance,
            addresses,
            await CreateDatabaseAsync(addresses, cancellation),
            ApiKeyFile.Ensure(instance),
            options.SampleRatio);
        _environment = service => environment.For(service).Concat(options.Variables).ToDictionary();
        await _services.TakePortsAsync(cancellation);
        await Task.WhenAll(ServiceDefinition.All.Select(async service =>
        {
            if (await _services.StartAsync(service, _environment(service), cancellation) is { } done)
            {
                report($"{service.Name} {done}");
            }
        }));
        await Task.WhenAll(ServiceDefinition.All.Select(async service =>
        {
            await _services.WaitUntilReadyAsync(service, cancellation);
            report($"{service.Name} is ready at {ServiceEnvironment.AddressOf(instance, service)}");
        }));
    }

    /// <summary>
    /// Starts a server or service that has ended, as <see cref="UpAsync"/> did; a server answers then.
    /// </summary>
    public async Task StartAgainAsync(string name, CancellationToken cancellation)
    {
        var environment = _environment ?? throw new InvalidOperationException("The system was not brought up.");
        if (PrivateInfrastructure.Processes.Contains(name))
        {
            await _infrastructure.StartAsync(_given, _ => { }, cancellation);
            return;
        }

        var service = ServiceDefinition.All.Single(known => known.Name == name);
        await _services.StartAsync(service, environment(service), cancellation);
    }

    /// <summary>Stops services, then servers. Nothing of the instance is left running.</summary>
    public async Task DownAsync(bool purge, Action<string> report, CancellationToken cancellation)
    {
        using var alone = await instance.LockAsync("system", report, cancellation);
        var names = instance.Processes.All()
            .Select(process => process.Name)
            .Except(PrivateInfrastructure.Processes)
            .Distinct()
            .ToArray();
        await Task.WhenAll(names.Select(async name =>
        {
            await _services.StopAsync(name, cancellation);
            report($"{name} stopped");
        }));
        await _infrastructure.StopAsync(report, cancellation);
        await _containers.StopAsync(purge, cancellation);
        report("servers stopped");
        if (purge)
        {
            _infrastructure.Purge();
            instance.Purge();
            report("data deleted");
        }
    }

    public async Task<IReadOnlyList<ProcessStatus>> StatusAsync(CancellationToken cancellation)
    {
        var services = await Task.WhenAll(ServiceDefinition.All.Select(async service =>
        {
            var process = instance.Processes.Find(service.Name);
            var ready = process is not null && await _services.IsReadyAsync(service, cancellation);
            return Describe(service.Name, "service", process, ready);
        }));
        return
        [
            .. services,
            .. PrivateInfrastructure.Processes.Select(name =>
            {
                // A server in a container has no process here, but listens.
                var listens = instance.Assigned.TryGetValue(name, out var port) && !PortBook.IsFree(port);
                return Describe(name, "server", instance.Processes.Find(name), listens);
            }),
        ];
    }

    private ProcessStatus Describe(string name, string kind, OwnProcess? process, bool ready) => new()
    {
        Name = name,
        Kind = kind,
        ProcessId = process?.Id,
        Port = instance.Assigned.TryGetValue(name, out var port) ? port : null,
        Ready = ready,
        MemoryBytes = process is null ? 0 : OwnProcesses.MemoryBytes(process.Id),
    };

    private async Task<IReadOnlyDictionary<string, string>> CreateDatabaseAsync(
        InfrastructureAddresses addresses, CancellationToken cancellation)
    {
        var owners = ServiceDefinition.All
            .Select(service => new SchemaOwner(service.Schema, service.Role, instance.Secret(service.Role)))
            .ToArray();
        var strings = await ServiceDatabase.EnsureAsync(addresses.Postgres, Database, owners, cancellation);
        return ServiceDefinition.All.Index().ToDictionary(
            service => service.Item.Name, service => strings[service.Index]);
    }
}
