using Ecom.Console;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Console;

/// <summary>A console on a database of its own.</summary>
public sealed class ConsoleFixture : IAsyncLifetime
{
    private readonly Backends _backends = new();
    private ServiceHost? _host;

    public ServiceHost Host => _host ?? throw new InvalidOperationException("InitializeAsync has not run.");

    public TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _backends.InitializeAsync();
        Database = await _backends.CreateDatabaseAsync("console");
        _host = await StartAsync(new Dictionary<string, string?>());
    }

    /// <summary>Starts another console on the same database.</summary>
    public Task<ServiceHost> StartAsync(IReadOnlyDictionary<string, string?> configuration) => ServiceHost.StartAsync(
        builder => builder.AddConsole(),
        app => app.MapConsole(),
        new Dictionary<string, string?>(configuration)
        {
            ["ConnectionStrings:Postgres"] = Database.ConnectionString,
            ["Console:FlushInterval"] = "00:00:00.020",
            ["Telemetry:SampleRatio"] = "0",
        });

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _backends.DisposeAsync();
    }
}
