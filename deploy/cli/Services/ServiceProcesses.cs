using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>Starts, watches and stops the services of an instance.</summary>
internal sealed class ServiceProcesses(InstanceDirectory instance)
{
    private const string ReadyPath = "/health/ready";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan _startLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(300);

    // Not among the environment variables: shells drop names with dots.
    private static readonly string[] _logging =
    [
        "--Logging:LogLevel:Microsoft.AspNetCore=Warning",
        "--Logging:LogLevel:System.Net.Http.HttpClient=Warning",
        "--Logging:Console:FormatterName=simple",
        "--Logging:Console:FormatterOptions:SingleLine=true",
        "--Logging:Console:FormatterOptions:UseUtcTimestamp=true",
        "--Logging:Console:FormatterOptions:TimestampFormat=yyyy-MM-ddTHH:mm:ss.fffZ ",
    ];

    public static string BuiltProgram(ServiceDefinition service) =>
        Path.Combine(BuildFolder(service), service.Assembly + ".dll");

    /// <summary>Gives every service that does not run a port.</summary>
    public async Task TakePortsAsync(CancellationToken cancellation)
    {
        foreach (var service in ServiceDefinition.All.Where(service => instance.Processes.Find(service.Name) is null))
        {
            _ = await instance.Ports.ForAsync(service.Name, cancellation);
        }

        instance.SaveState();
    }

    /// <summary>Starts a service unless it runs from the same binaries with the same environment already.</summary>
    /// <returns>What was done, for the user; null if nothing.</returns>
    public async Task<string?> StartAsync(
        ServiceDefinition service, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation)
    {
        var fingerprint = Fingerprint(service, environment);
        var running = instance.Processes.Find(service.Name);
        if (running?.Fingerprint == fingerprint)
        {
            return null;
        }

        await StopAsync(service.Name, cancellation);
        var programs = Path.Combine(instance.Root, "services", service.Name);
        ProgramCopy.Update(BuildFolder(service), programs);
        instance.Processes.Start(new DetachedStart
        {
            Name = service.Name,
            Command = ["dotnet", Path.Combine(programs, service.Assembly + ".dll"), .. _logging],
            LogPath = instance.LogOf(service.Name),
            WorkingDirectory = programs,
            Environment = environment,
            InheritsEnvironment = true,
            Fingerprint = fingerprint,
        });
        return running is null ? "started" : "restarted: its binaries or settings have changed";
    }

    /// <exception cref="SetupException">
    /// The service ended, or is not ready in time; carries its last log lines.
    /// </exception>
    public async Task WaitUntilReadyAsync(ServiceDefinition service, CancellationToken cancellation)
    {
        var answer = "no answer";
        for (var waited = TimeSpan.Zero; waited < _startLimit; waited += _poll)
        {
            if (instance.Processes.Find(service.Name) is null)
            {
                throw new SetupException(
                    $"{service.Name} has ended. Its last lines:\n{instance.LogTail(service.Name, 20)}\n"
                    + $"The whole log: ./ecom logs {service.Name}. When the cause is removed: ./ecom up");
            }

            (var ready, answer) = await AskAsync(service, cancellation);
            if (ready)
            {
                return;
            }

            await Task.Delay(_poll, cancellation);
        }

        throw new SetupException(
            $"{service.Name} is not ready after {_startLimit.TotalMinutes:0} minutes. {ReadyPath} answers:\n{answer}\n"
            + $"Its last lines:\n{instance.LogTail(service.Name)}\n"
            + $"The whole log: ./ecom logs {service.Name}. When the cause is removed: ./ecom up");
    }

    public async Task<bool> IsReadyAsync(ServiceDefinition service, CancellationToken cancellation) =>
        (await AskAsync(service, cancellation)).Ready;

    public Task StopAsync(string name, CancellationToken cancellation) =>
        instance.Processes.StopAsync(name, OwnProcesses.Terminate, _patience, cancellation);

    private async Task<(bool Ready, string Answer)> AskAsync(ServiceDefinition service, CancellationToken cancellation)
    {
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            var address = new Uri(ServiceEnvironment.AddressOf(instance, service), ReadyPath);
            using var response = await client.GetAsync(address, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            return (response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode} {body}");
        }
        catch (HttpRequestException failure)
        {
            return (false, failure.Message);
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (false, "no answer within 5 seconds");
        }
    }

    private static string BuildFolder(ServiceDefinition service) =>
        Path.Combine(Repository.Root, "artifacts", "bin", service.Assembly, "release");

    private static string Fingerprint(ServiceDefinition service, IReadOnlyDictionary<string, string> environment)
    {
        var variables = environment
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => $"{variable.Key}={variable.Value}");
        var text = SourceStamp.Of([BuildFolder(service)]) + string.Join('\n', variables);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
