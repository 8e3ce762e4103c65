using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Ecom.Cli.Infrastructure;

/// <summary>A RabbitMQ broker of the instance's own, with an Erlang port mapper of its own.</summary>
/// <param name="instance">Where it lives.</param>
/// <param name="management">
/// True: the management plug-in listens on a loopback port, and the user may administer.
/// </param>
internal sealed class RabbitMqServer(InstanceDirectory instance, bool management)
{
    public const string Name = "rabbitmq";
    public const string PortMapper = "epmd";
    public const string VirtualHost = "ecom";

    public const string User = "ecom";
    private const string ManagementPort = "rabbitmq-management";
    private const string DistributionPort = "rabbitmq-distribution";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(45);
    private readonly ServerAccount _account = new("rabbitmq");

    public Uri Address => new(
        $"amqp://{User}:{instance.Secret(Name)}@127.0.0.1:{instance.Ports.Known(Name)}/{VirtualHost}");

    public Uri? ManagementAddress => management
        ? new($"http://{User}:{instance.Secret(Name)}@127.0.0.1:{instance.Ports.Known(ManagementPort)}")
        : null;

    /// <summary>Chooses the ports of a broker that does not run. A port mapper left alone is ended.</summary>
    public async Task TakePortsAsync(CancellationToken cancellation)
    {
        await instance.Processes.StopAsync(PortMapper, OwnProcesses.Terminate, TimeSpan.FromSeconds(5), cancellation);
        foreach (var name in new[] { Name, PortMapper, ManagementPort, DistributionPort })
        {
            _ = await instance.Ports.ForAsync(name, cancellation);
        }
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (instance.Processes.Find(Name) is null)
        {
            await LaunchAsync(cancellation);
        }

        await ServerStart.WaitAsync(instance, Name, AnswersAsync, () => LaunchAsync(cancellation), cancellation);
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await instance.Processes.StopAsync(Name, OwnProcesses.Terminate, _patience, cancellation);
        await instance.Processes.StopAsync(PortMapper, OwnProcesses.Terminate, TimeSpan.FromSeconds(5), cancellation);
    }

    /// <summary>Runs <c>rabbitmqctl</c> against the running broker.</summary>
    /// <exception cref="SetupException">It returned something other than 0.</exception>
    public async Task ControlAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var folder = await _account.FolderAsync(instance, Name, cancellation);
        var command = _account.Command([DebianPackages.RabbitMqControl, .. arguments]);
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder };
        foreach (var (name, value) in Variables(folder))
        {
            start.Environment[name] = value;
        }

        var result = await ExternalCommand.TryRunAsync(start, _ => { }, cancellation);
        if (result.ExitCode != 0)
        {
            throw new SetupException($"rabbitmqctl returned {result.ExitCode}:\n{result.Output}");
        }
    }

    private async Task LaunchAsync(CancellationToken cancellation)
    {
        var folder = await _account.FolderAsync(instance, Name, cancellation);
        WriteSettings(folder);
        await _account.OwnAsync(folder, cancellation);
        if (instance.Processes.Find(PortMapper) is null)
        {
            var port = $"{instance.Ports.Known(PortMapper)}";
            Start(PortMapper, ["epmd", "-address", "127.0.0.1", "-port", port], folder);
        }

        Start(Name, [DebianPackages.RabbitMqProgram], folder);
    }

    private void Start(string name, string[] command, string folder) => instance.Processes.Start(new DetachedStart
    {
        Name = name,
        Command = _account.Command(command),
        LogPath = instance.LogOf(name),
        WorkingDirectory = folder,
        Environment = Variables(folder),
    });

    private Dictionary<string, string> Variables(string folder) => new()
    {
        ["HOME"] = folder,
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = $"{instance.Ports.Known(PortMapper)}",
        ["RABBITMQ_NODENAME"] = $"ecom-{instance.Hash}@localhost",
        ["RABBITMQ_DIST_PORT"] = $"{instance.Ports.Known(DistributionPort)}",
        // A file that is not there: the system-wide settings stay out.
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder, "no-environment"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(folder, "no-advanced.config"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
        // Together: the start script is replaced by the Erlang machine, which then gets our signals itself.
        ["RABBITMQ_ALLOW_INPUT"] = "1",
        ["RABBITMQ_SERVER_START_ARGS"] = "-noinput",
        // No busy waiting of schedulers: the machine has other work.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
    };

    private void WriteSettings(string folder)
    {
        instance.WritePrivate(Path.Combine(Name, ".erlang.cookie"), instance.Secret("erlang-cookie"));
        instance.WritePrivate(Path.Combine(Name, "enabled_plugins"), management ? "[rabbitmq_management].\n" : "[].\n");
        instance.WritePrivate(Path.Combine(Name, "definitions.json"), Definitions());
        instance.WritePrivate(
            Path.Combine(Name, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{instance.Ports.Known(Name)}
            load_definitions = {Path.Combine(folder, "definitions.json")}
            log.console = true
            log.console.level = warning
            log.file = false
            vm_memory_high_watermark.relative = 0.25
            disk_free_limit.absolute = 200MB

            """
            + (management
                ? $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {instance.Ports.Known(ManagementPort)}\n"
                : ""));
    }

    // Loaded at each start: no default user is made, and a first start that was cut off does not matter.
    private string Definitions() => JsonSerializer.Serialize(new
    {
        users = new[]
        {
            new
            {
                name = User,
                password_hash = PasswordHash(instance.Secret(Name)),
                hashing_algorithm = "rabbit_password_hashing_sha256",
                tags = management ? "administrator" : "",
            },
        },
        vhosts = new[] { new { name = VirtualHost } },
        permissions = new[] { new { user = User, vhost = VirtualHost, configure = ".*", write = ".*", read = ".*" } },
    });

    private static string PasswordHash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }

    /// <summary>Whether a client gets in.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            var factory = new ConnectionFactory { Uri = Address, AutomaticRecoveryEnabled = false };
            await using var connection = await factory.CreateConnectionAsync(cancellation);
            return ManagementAddress is not { } address || await ServesAsync(address, cancellation);
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    private static async Task<bool> ServesAsync(Uri address, CancellationToken cancellation)
    {
        try
        {
            using var client = new HttpClient();
            var page = new UriBuilder(address) { UserName = "", Password = "" }.Uri;
            using var answer = await client.GetAsync(page, cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
