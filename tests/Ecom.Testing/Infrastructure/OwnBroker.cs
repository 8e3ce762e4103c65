using Ecom.Cli.Infrastructure;

namespace Ecom.Testing.Infrastructure;

/// <summary>A RabbitMQ broker of one test, for tests of what happens while the broker is away.</summary>
/// <remarks>It keeps address, queues and messages over <see cref="StopAsync"/> and <see cref="StartAsync"/>.</remarks>
public sealed class OwnBroker : IAsyncDisposable
{
    private readonly InstanceDirectory _instance;
    private readonly RabbitMqServer _server;

    internal OwnBroker(string directory)
    {
        _instance = new InstanceDirectory(directory);
        _server = new RabbitMqServer(_instance, management: true);
    }

    /// <summary><c>amqp://user:password@127.0.0.1:port/ecom</c>; the user may administer.</summary>
    public Uri Address => _server.Address;

    /// <summary>Starts the broker and waits until it answers; some seconds.</summary>
    public async Task StartAsync()
    {
        await DebianPackages.EnsureAsync([RabbitMqServer.Name], _ => { }, default);
        if (_instance.Assigned.Count == 0)
        {
            await _server.TakePortsAsync(default);
        }

        await _server.StartAsync(default);
    }

    /// <summary>Stops the broker; connections break, and new ones are refused.</summary>
    public Task StopAsync() => _server.StopAsync(default);

    /// <summary>Sets or ends the memory alarm: while it is on, the broker reads nothing from publishers.</summary>
    public Task AlarmAsync(bool isOn) =>
        _server.ControlAsync(["set_vm_memory_high_watermark", isOn ? "0" : "0.25"], default);

    /// <summary>Stops the broker and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        ServerAccount.Purge(_instance, RabbitMqServer.Name);
        Directory.Delete(_instance.Root, recursive: true);
    }
}
