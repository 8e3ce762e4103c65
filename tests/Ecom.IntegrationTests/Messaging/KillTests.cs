using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using Ecom.Contracts;
using Ecom.Contracts.Orders;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Messaging;

/// <summary>A consumer's process is killed again and again while its messages fail and wait.</summary>
public sealed class KillTests(Backends backends) : IClassFixture<Backends>
{
    private const int Orders = 100;

    [Fact]
    public async Task Killing_the_consumer_while_messages_fail_loses_and_doubles_none()
    {
        var database = await backends.CreateDatabaseAsync("forecasting");
        var broker = await backends.CreateVirtualHostAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        using (var first = new Forecasting(database, broker))
        {
            await Eventually.BeTrueAsync(() => IsConsumingAsync(source, broker), seconds: 60);
            await ExecuteAsync(source, "alter table order_lines rename to order_lines_away");
            await PublishAsync(broker);
            await first.KillAsync(afterFailures: Orders / 2);
        }

        for (var times = 1; times <= 3; times++)
        {
            using var next = new Forecasting(database, broker);
            await next.KillAsync(afterFailures: Orders * times / 2);
        }

        await ExecuteAsync(source, "alter table order_lines_away rename to order_lines");
        using var last = new Forecasting(database, broker);
        await Eventually.ReadAsync(
            () => CountAsync(source, "select count(distinct order_id) from order_lines"),
            count => count == Orders,
            seconds: 60);
        Assert.Equal(Orders, await CountAsync(source, "select count(*) from order_lines"));
        Assert.Equal(0, await CountAsync(source, "select count(*) from parked_messages"));
    }

    private static async Task<bool> IsConsumingAsync(NpgsqlDataSource source, Uri broker)
    {
        try
        {
            if (await CountAsync(source, "select count(*) from pg_tables where tablename = 'order_lines'") == 0)
            {
                return false;
            }

            await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = broker }
                .CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            return await channel.ConsumerCountAsync("forecasting-order-placed") > 0;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }

    private static async Task PublishAsync(Uri broker)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(configure => configure.Host(broker));
        await bus.StartAsync();
        var money = new Money { Amount = 100, Currency = "GBP", BaseAmount = 100, BaseCurrency = "GBP" };
        var at = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < Orders; i++)
        {
            await bus.Publish(new OrderPlaced
            {
                EventId = Guid.NewGuid(),
                OrderId = $"order-{i}",
                Lines = [new OrderLine { ProductId = "tea", Quantity = 1, UnitPrice = money }],
                Total = money,
                Source = new Source(),
                PlacedAt = at,
                ReceivedAt = at,
                PartitionKey = $"order-{i}",
            });
        }

        await bus.StopAsync();
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    /// <summary>The real service in a process of its own, which ends without good-bye.</summary>
    private sealed class Forecasting : IDisposable
    {
        private const int LinesShown = 40;

        private readonly Process _process;
        private readonly ConcurrentQueue<string?> _last = new();
        private int _failures;

        public Forecasting(TestDatabase database, Uri broker)
        {
            var start = new ProcessStartInfo("dotnet")
            {
                ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Ecom.Forecasting.dll") },
                WorkingDirectory = AppContext.BaseDirectory,
                RedirectStandardOutput = true,
                Environment =
                {
                    ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                    ["ConnectionStrings__Postgres"] = database.ConnectionString,
                    ["ConnectionStrings__RabbitMq"] = broker.ToString(),
                    ["Privacy__HashKey"] = Convert.ToBase64String(new byte[32]),
                    ["Messaging__RetryDelays__0"] = "00:00:00.050",
                },
            };
            for (var i = 0; i < 30; i++)
            {
                start.Environment[$"Messaging__LaterRetryDelays__{i}"] = "00:00:01";
            }

            _process = Process.Start(start)!;
            _process.OutputDataReceived += (sender, line) =>
            {
                _last.Enqueue(line.Data);
                if (_last.Count > LinesShown)
                {
                    _last.TryDequeue(out _);
                }

                if (line.Data?.Contains("is tried again in", StringComparison.Ordinal) == true)
                {
                    Interlocked.Increment(ref _failures);
                }
            };
            _process.BeginOutputReadLine();
        }

        // What the process holds goes back to the broker as after a crash.
        public async Task KillAsync(int afterFailures)
        {
            await Eventually.ReadAsync(
                () => Task.FromResult((Failures: Volatile.Read(ref _failures), Said: string.Join('\n', _last))),
                seen => seen.Failures >= afterFailures,
                seconds: 60);
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        public void Dispose()
        {
            _process.Kill();
            _process.Dispose();
        }
    }
}
