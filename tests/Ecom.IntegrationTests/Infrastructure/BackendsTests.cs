using Ecom.Testing.Infrastructure;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using StackExchange.Redis;
using Xunit;

namespace Ecom.IntegrationTests.Infrastructure;

public sealed class BackendsTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_service_role_owns_its_schema_and_sees_no_other()
    {
        var fraud = await backends.CreateDatabaseAsync("fraud");
        await using var administrator = new NpgsqlConnection(fraud.AdministratorConnectionString);
        await administrator.OpenAsync();
        await RunAsync(administrator, "create schema profiling; create table profiling.profiles (id int)");
        await using var connection = new NpgsqlConnection(fraud.ConnectionString);
        await connection.OpenAsync();

        await RunAsync(connection, "create table alerts (id int)");

        const string SchemaOfTable = "select schemaname from pg_tables where tablename = 'alerts'";
        Assert.Equal("fraud", await ScalarAsync(connection, SchemaOfTable));
        foreach (var forbidden in new[] { "select * from profiling.profiles", "create table public.stray (id int)" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(connection, forbidden));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Redis_databases_do_not_see_each_other()
    {
        await using var first = await ConnectionMultiplexer.ConnectAsync(await backends.CreateRedisDatabaseAsync());
        await using var second = await ConnectionMultiplexer.ConnectAsync(await backends.CreateRedisDatabaseAsync());

        await first.GetDatabase().StringSetAsync("key", "value");

        Assert.False(await second.GetDatabase().KeyExistsAsync("key"));
    }

    [Fact]
    public async Task A_virtual_host_carries_messages()
    {
        var address = await backends.CreateVirtualHostAsync();

        await PublishAsync(address, "payload");

        Assert.Equal("payload", await TakeAsync(address));
    }

    [Fact]
    public async Task An_own_broker_keeps_address_and_messages_while_it_is_away()
    {
        var broker = await backends.StartOwnBrokerAsync();
        await PublishAsync(broker.Address, "kept");

        await broker.StopAsync();
        await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(broker.Address));
        await broker.StartAsync();

        Assert.Equal("kept", await TakeAsync(broker.Address));
    }

    private static async Task RunAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string query)
    {
        await using var command = new NpgsqlCommand(query, connection);
        return await command.ExecuteScalarAsync();
    }

    private static Task<IConnection> ConnectAsync(Uri address) =>
        new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    private static async Task PublishAsync(Uri address, string text)
    {
        await using var connection = await ConnectAsync(address);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync(
            "letters",
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.BasicPublishAsync(
            "",
            "letters",
            mandatory: true,
            new BasicProperties { Persistent = true },
            System.Text.Encoding.UTF8.GetBytes(text));
    }

    private static async Task<string?> TakeAsync(Uri address)
    {
        await using var connection = await ConnectAsync(address);
        await using var channel = await connection.CreateChannelAsync();
        var message = await channel.BasicGetAsync("letters", autoAck: true);
        return message is null ? null : System.Text.Encoding.UTF8.GetString(message.Body.Span);
    }
}
