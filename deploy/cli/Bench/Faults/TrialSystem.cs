using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Npgsql;

namespace Ecom.Cli.Bench.Faults;

/// <summary>A whole system of the run's own, which it may break; nobody else's is touched.</summary>
internal sealed class TrialSystem : IDisposable
{
    private const string InboxSwitch = "ECOM_TEST_INBOX_OFF";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http = new() { Timeout = _patience };
    private readonly EcomSystem _system;
    private readonly IReadOnlyDictionary<string, string> _keys;

    private TrialSystem(InstanceDirectory instance, EcomSystem system)
    {
        Instance = instance;
        _system = system;
        _keys = instance.Load<Dictionary<string, string>>("secrets/keys.json")
            ?? throw new SetupException($"{instance.Root} has no keys.");
        Client = new SystemClient(instance);
    }

    public InstanceDirectory Instance { get; }

    /// <summary>Asks with the administrator's key and takes no refusal.</summary>
    public SystemClient Client { get; }

    public Uri Broker => new RabbitMqServer(Instance, management: false).Address;

    /// <summary>Key of the client that sends the load.</summary>
    public string SenderKey => _keys["simulator"];

    /// <summary>A client with another key, which says what it refuses.</summary>
    /// <param name="name">Of the key.</param>
    public HttpClient ConnectAs(string name)
    {
        var http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        http.DefaultRequestHeaders.Add("X-Api-Key", _keys[name]);
        return http;
    }

    /// <summary>Deletes what an earlier run left and brings everything up.</summary>
    public static async Task<TrialSystem> StartAsync(
        FaultOptions options, Action<string> report, CancellationToken cancellation)
    {
        await RemoveAsync(options.Folder, cancellation);
        if (!options.Built)
        {
            var main = new InstanceDirectory(Repository.MainInstance);
            await SourceStamp.BuildServicesAsync(main, report, cancellation);
        }

        var instance = new InstanceDirectory(options.Folder);
        var system = new EcomSystem(instance);
        var up = new UpOptions
        {
            Built = true,
            OwnServers = true,
            Variables = options.InboxOff ? new Dictionary<string, string> { [InboxSwitch] = "1" } : [],
        };
        await system.UpAsync(up, report, cancellation);
        return new TrialSystem(instance, system);
    }

    /// <summary>Stops whatever runs in the folder and deletes it.</summary>
    public static async Task RemoveAsync(string folder, CancellationToken cancellation)
    {
        if (Directory.Exists(folder))
        {
            await new EcomSystem(new InstanceDirectory(folder)).DownAsync(purge: true, _ => { }, cancellation);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Copies the logs beside the folder, in the place of an earlier run's.</summary>
    public void KeepLogs()
    {
        var kept = Instance.Root + "-logs";
        if (Directory.Exists(kept))
        {
            Directory.Delete(kept, recursive: true);
        }

        Directory.CreateDirectory(kept);
        foreach (var log in Directory.GetFiles(Instance.Logs))
        {
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)));
        }
    }

    /// <summary>Ends a server or service, with all its processes, as a crash would.</summary>
    public Task KillAsync(string name, CancellationToken cancellation) =>
        Instance.Processes.StopAsync(name, OwnProcesses.Kill, TimeSpan.Zero, cancellation);

    /// <summary>Starts one that was killed, as ./ecom up does.</summary>
    public Task StartAgainAsync(string name, CancellationToken cancellation) =>
        _system.StartAgainAsync(name, cancellation);

    /// <summary>Deletes what Redis has on disk. It must not run.</summary>
    public void LoseRedis()
    {
        var folder = Path.Combine(Instance.Root, RedisServer.Name);
        foreach (var path in Directory.GetFileSystemEntries(folder)
            .Where(path => !path.EndsWith(".conf", StringComparison.Ordinal)))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>A connection of the database's administrator: the oracle looks where no API does.</summary>
    public async Task<NpgsqlConnection> OpenDatabaseAsync(CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(
            new PostgresServer(Instance, durable: true).ConnectionString)
        {
            Database = EcomSystem.Database,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        return connection;
    }

    /// <summary>A GET that may fail.</summary>
    /// <returns>Null when there is no answer, or one that is no success.</returns>
    public Task<JsonNode?> TryGetAsync(string service, string path, CancellationToken cancellation) =>
        TrySendAsync(new HttpRequestMessage(HttpMethod.Get, Client.Address(service, path)), "console", cancellation);

    /// <summary>A POST that may fail.</summary>
    /// <returns>Null when there is no answer, or one that is no success.</returns>
    public Task<JsonNode?> TryPostAsync(string service, string path, object body, CancellationToken cancellation) =>
        TrySendAsync(
            new HttpRequestMessage(HttpMethod.Post, Client.Address(service, path))
            {
                Content = JsonContent.Create(body),
            },
            "console",
            cancellation);

    /// <summary>Asks until there is an answer.</summary>
    /// <exception cref="SetupException">None within a minute.</exception>
    public async Task<JsonNode> GetAsync(string service, string path, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < 120; attempt++)
        {
            if (await TryGetAsync(service, path, cancellation) is { } answer)
            {
                return answer;
            }

            await Task.Delay(500, cancellation);
        }

        throw new SetupException($"{service} does not answer {path}.\n{Instance.LogTail(service)}");
    }

    public async Task<bool> IsReadyAsync(string service, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync(Client.Address(service, "/health/ready"), cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception none) when (IsNoAnswer(none, cancellation))
        {
            return false;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        Client.Dispose();
    }

    /// <summary>Whether an exception says that a request got no answer.</summary>
    public static bool IsNoAnswer(Exception error, CancellationToken cancellation) =>
        error is HttpRequestException or IOException or JsonException
        || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    private async Task<JsonNode?> TrySendAsync(
        HttpRequestMessage request, string client, CancellationToken cancellation)
    {
        try
        {
            request.Headers.Add("X-Api-Key", _keys[client]);
            using var answer = await _http.SendAsync(request, cancellation);
            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation)
                : null;
        }
        catch (Exception none) when (IsNoAnswer(none, cancellation))
        {
            return null;
        }
        finally
        {
            request.Dispose();
        }
    }
}
