using System.Net.Http.Json;
using Dapper;
using Ecom.Fraud;
using Ecom.Fraud.Jobs;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>A service that dies between the commit of an alert and its publication.</summary>
public sealed class AlertRelayTests(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Dictionary<string, string?> _configuration = null!;

    public async Task InitializeAsync()
    {
        _database = await backends.CreateDatabaseAsync("fraud");
        _configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = _database.ConnectionString,
            ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
        };
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task An_alert_that_was_committed_and_not_published_comes_after_the_restart_once_and_in_order()
    {
        await using (var first = await StartAsync())
        {
            var broker = first.Services.GetRequiredService<Broker>();
            await Eventually.BeTrueAsync(async () =>
                await broker.ReadQueueAsync(AlertRelay.Queue, default) is not null);
        }

        using var team = new TeamQueue();

        // As if a replica that just died had the relay's lease.
        await ExecuteAsync("""
            insert into leases values ('alert-relay', 'dead', now() + interval '1 hour')
            on conflict (name) do update set owner = excluded.owner, expires_at = excluded.expires_at
            """);
        await using (var second = await StartAsync())
        {
            using var client = second.CreateClient(Scopes.Fraud);
            for (var i = 1; i <= 8; i++)
            {
                var payment = new
                {
                    paymentId = $"p{i}", customerId = $"c{i}", amount = 100, currency = "GBP",
                    cardFingerprint = $"k{i}", deviceId = "d",
                };
                (await client.PostAsJsonAsync("/v1/assess", payment)).EnsureSuccessStatusCode();
            }

            await Task.Delay(1_500);
            Assert.Empty(await team.ReadAsync(second));
        }

        await ExecuteAsync("delete from leases where name = 'alert-relay'");
        await using var third = await StartAsync();
        var told = await Eventually.ReadAsync(
            () => team.ReadAsync(third), events => events.Count >= 6);
        Assert.Equal(["p3", "p4", "p5", "p6", "p7", "p8"], told.Select(one => one.PaymentId));

        await Eventually.BeTrueAsync(async () =>
            await CountAsync(
                "select count(*) from alert_events where routing_key is not null and published_at is null") == 0);

        // As if it had died between the broker's confirmation and the mark: the same again, under the same ids.
        await ExecuteAsync("update alert_events set published_at = null");
        var again = await Eventually.ReadAsync(
            () => team.ReadAsync(third), events => events.Count >= 12);
        Assert.Equal(
            told.Select(one => (one.MessageId, one.Body.ToString())).Order(),
            again.Select(one => (one.MessageId, one.Body.ToString())).Distinct().Order());
    }

    private Task<ServiceHost> StartAsync() =>
        ServiceHost.StartAsync(app => app.AddFraud(), app => app.MapFraud(), _configuration);

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        return await connection.QuerySingleAsync<long>(sql);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.ExecuteAsync(sql);
    }
}
