using Dapper;
using Ecom.Contracts;
using Ecom.Contracts.Orders;
using Ecom.Forecasting;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Messaging;

/// <summary>A consumer whose database refuses writes tries again, loses nothing, and counts nothing twice.</summary>
public sealed class DatabaseTests(Backends backends) : IClassFixture<Backends>
{
    private const int Orders = 40;

    [Fact]
    public async Task Messages_that_come_while_the_database_is_read_only_have_their_effect_afterwards()
    {
        var database = await backends.CreateDatabaseAsync("forecasting");
        await using var service = await StartAsync(database);
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;

        await ExecuteAsync(database, $"""
            alter database "{name}" set default_transaction_read_only = on;
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            """);
        await PublishAsync(service);
        await Task.Delay(1_500);
        Assert.Equal(0, await CountAsync(database, "order_lines"));

        await ExecuteAsync(database, $"alter database \"{name}\" reset default_transaction_read_only");
        await EveryOrderHasItsEffectAsync(service, database);
    }

    [Fact]
    public async Task Messages_that_come_while_the_disk_is_full_have_their_effect_afterwards()
    {
        var database = await backends.CreateDatabaseAsync("forecasting");
        await using var service = await StartAsync(database);

        await ExecuteAsync(database, """
            create function forecasting.refuse() returns trigger language plpgsql as
            'begin raise exception ''planted'' using errcode = ''53100''; end';
            create trigger refuse before insert on forecasting.order_lines
            for each row execute function forecasting.refuse()
            """);
        await PublishAsync(service);
        await Task.Delay(1_500);
        Assert.Equal(0, await CountAsync(database, "order_lines"));

        await ExecuteAsync(database, "drop trigger refuse on forecasting.order_lines");
        await EveryOrderHasItsEffectAsync(service, database);
    }

    private static async Task EveryOrderHasItsEffectAsync(ServiceHost service, TestDatabase database)
    {
        await Eventually.ReadAsync(() => CountAsync(database, "order_lines"), count => count == Orders, seconds: 40);
        Assert.Equal(2 * Orders, await SumAsync(database, "select sum(units) from forecasting.order_lines"));
        var broker = service.Services.GetRequiredService<Broker>();
        Assert.Equal(0u, (await broker.ReadQueueAsync("forecasting-order-placed_error", default))?.Messages ?? 0);
        Assert.Equal(0, await CountAsync(database, "parked_messages"));
    }

    private async Task<ServiceHost> StartAsync(TestDatabase database) => await ServiceHost.StartAsync(
        app => app.AddForecasting(),
        app => app.MapForecasting(),
        new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = database.ConnectionString,
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
        });

    private static async Task PublishAsync(ServiceHost service)
    {
        var money = new Money { Amount = 100, Currency = "GBP", BaseAmount = 100, BaseCurrency = "GBP" };
        var at = TimeProvider.System.GetUtcNow();
        var bus = service.Services.GetRequiredService<IBus>();
        for (var i = 0; i < Orders; i++)
        {
            var order = new OrderPlaced
            {
                EventId = Guid.NewGuid(),
                OrderId = $"order-{i}",
                Lines = [new OrderLine { ProductId = "tea", Quantity = 2, UnitPrice = money }],
                Total = money,
                Source = new Source(),
                PlacedAt = at,
                ReceivedAt = at,
                PartitionKey = $"order-{i}",
            };
            await bus.Publish(order, publish => publish.MessageId = order.EventId);
        }
    }

    private static Task<long> CountAsync(TestDatabase database, string table) =>
        SumAsync(database, $"select count(*) from forecasting.{table}");

    private static async Task<long> SumAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.AdministratorConnectionString + ";Pooling=false");
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private static async Task ExecuteAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(
            database.AdministratorConnectionString + ";Pooling=false;Options=-c default_transaction_read_only=off");
        await connection.ExecuteAsync(sql);
    }
}
