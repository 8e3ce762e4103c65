using System.Net.Http.Json;
using Dapper;
using Ecom.Fraud.Jobs;
using Ecom.Samples;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using RabbitMQ.Client;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>The sample of docs/fraud-consumer.md, as a team would run it.</summary>
public sealed class SampleConsumerTests(FraudFixture fixture) : IClassFixture<FraudFixture>
{
    [Fact]
    public async Task It_handles_each_version_once_tries_again_and_leaves_what_is_broken_to_the_dead_letters()
    {
        await using var channel = await fixture.First.Services.GetRequiredService<Broker>().OpenChannelAsync(default);
        await channel.BasicPublishAsync("", AlertConsumer.Queue, mandatory: true, "not json"u8.ToArray());
        using var client = fixture.First.CreateClient(Scopes.Fraud);
        for (var i = 1; i <= 5; i++)
        {
            (await client.PostAsJsonAsync("/v1/assess", new
            {
                paymentId = $"s-{i}", customerId = $"s-c{i}", amount = 5_000, currency = "GBP",
                cardFingerprint = $"s-k{i}", deviceId = "d-s",
            })).EnsureSuccessStatusCode();
        }

        var handled = new List<string>();
        var wasAway = false;
        var broker = fixture.First.Services.GetRequiredService<IConfiguration>().GetConnectionString("RabbitMq")!;
        var consumer = new AlertConsumer(new Uri(broker), (alert, _) =>
        {
            if (!wasAway)
            {
                wasAway = true;
                return Task.FromResult(Handling.TryAgain);
            }

            lock (handled)
            {
                handled.Add($"{alert.Type} {alert.Version} {alert.Body.GetProperty("paymentId").GetString()}");
            }

            return Task.FromResult(Handling.Done);
        });
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(stop.Token);
        await Eventually.BeTrueAsync(() => Task.FromResult(CountOf(handled) == 3));
        await using (var connection = new NpgsqlConnection(fixture.Database.ConnectionString))
        {
            await connection.ExecuteAsync("update alert_events set published_at = null where routing_key is not null");
        }

        await Task.Delay(1_500);
        Assert.Equal(
            ["FraudAlertRaised 1 s-3", "FraudAlertRaised 1 s-4", "FraudAlertUpdated 2 s-5"], handled.Order());
        Assert.Equal(0u, await channel.MessageCountAsync(AlertConsumer.Queue));
        var dead = await Eventually.ReadAsync(
            () => channel.BasicGetAsync(AlertRelay.DeadQueue, autoAck: true), got => got is not null);
        Assert.Equal("not json", System.Text.Encoding.UTF8.GetString(dead!.Body.Span));
        await stop.CancelAsync();
        await running;
    }

    private static int CountOf(List<string> handled)
    {
        lock (handled)
        {
            return handled.Count;
        }
    }
}
