using System.Globalization;
using Ecom.Cli.Infrastructure;
using Npgsql;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.Infrastructure;

public sealed class PrivateInfrastructureTests : IAsyncLifetime
{
    private const int Kill = 9;

    private readonly InstanceDirectory _instance =
        new(Path.Combine(Repository.OwnTestInstances, Guid.NewGuid().ToString("n")[..12]));

    private readonly PrivateInfrastructure _infrastructure;

    public PrivateInfrastructureTests() => _infrastructure = new PrivateInfrastructure(_instance, forTests: false);

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_crash_of_all_servers_loses_nothing_and_does_not_block_the_next_start()
    {
        var addresses = await StartAsync();
        await RunAsync(addresses, "create table kept as select 1 as id");
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(addresses.Redis))
        {
            await redis.GetDatabase().StringSetAsync("kept", "yes");
        }

        // Redis writes its file every second.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await KillAllAsync();
        await LeaveTracesOfOtherCrashesAsync();

        var again = await StartAsync();

        Assert.Equal(addresses, again);
        await RunAsync(again, "select id from kept");
        await using var reconnected = await ConnectionMultiplexer.ConnectAsync(again.Redis);
        Assert.Equal("yes", await reconnected.GetDatabase().StringGetAsync("kept"));

        await _infrastructure.StopAsync(_ => { }, default);
        Assert.Empty(_instance.Processes.All());
    }

    public async Task DisposeAsync()
    {
        await _infrastructure.StopAsync(_ => { }, default);
        _infrastructure.Purge();
        Directory.Delete(_instance.Root, recursive: true);
    }

    private Task<InfrastructureAddresses> StartAsync() =>
        _infrastructure.StartAsync(new GivenAddresses(), _ => { }, default);

    private async Task KillAllAsync()
    {
        foreach (var server in PrivateInfrastructure.Processes)
        {
            await _instance.Processes.StopAsync(server, Kill, TimeSpan.FromSeconds(10), default);
        }
    }

    // A pid file whose number now belongs to somebody else (here: this test), and an initdb that was cut off.
    private async Task LeaveTracesOfOtherCrashesAsync()
    {
        var data = Path.Combine(_instance.Root, PostgresServer.Name, "data");
        var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(Path.Combine(data, "postmaster.pid"), $"{pid}\n{data}\n");
        Directory.CreateDirectory(data + ".unfinished");
    }

    private static async Task RunAsync(InfrastructureAddresses addresses, string statement)
    {
        await using var connection = new NpgsqlConnection(addresses.Postgres + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }
}
