using System.Text.Json;
using Ecom.Fraud.Jobs;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Testing;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client.Exceptions;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>
/// The fraud team at its queue: takes what is there and remembers it. Nothing is given back, which would change the
/// order, and end at the queue's limit of deliveries.
/// </summary>
internal sealed class TeamQueue : IDisposable
{
    private readonly List<QueuedEvent> _taken = [];
    private readonly SemaphoreSlim _taking = new(1, 1);

    /// <summary>All that was ever there, in its order.</summary>
    /// <param name="host">Any replica that lives.</param>
    public async Task<IReadOnlyList<QueuedEvent>> ReadAsync(ServiceHost host)
    {
        await _taking.WaitAsync();
        try
        {
            await using var channel = await host.Services.GetRequiredService<Broker>().OpenChannelAsync(default);
            while (await channel.BasicGetAsync(AlertRelay.Queue, autoAck: false) is { } got)
            {
                _taken.Add(new QueuedEvent(
                    got.BasicProperties.MessageId,
                    got.BasicProperties.Type,
                    got.RoutingKey,
                    JsonSerializer.Deserialize<JsonElement>(got.Body.Span)));
                await channel.BasicAckAsync(got.DeliveryTag, multiple: false);
            }
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == 404)
        {
            // A service that has just started has not declared it yet.
        }
        finally
        {
            _taking.Release();
        }

        return [.. _taken];
    }

    public void Dispose() => _taking.Dispose();
}

/// <summary>A message of the fraud team's queue.</summary>
internal sealed record QueuedEvent(string? MessageId, string? Type, string RoutingKey, JsonElement Body)
{
    public string? PaymentId => Body.TryGetProperty("paymentId", out var id) ? id.GetString() : null;

    public Guid AlertId => Body.GetProperty("alertId").GetGuid();

    public int Version => Body.GetProperty("version").GetInt32();
}
