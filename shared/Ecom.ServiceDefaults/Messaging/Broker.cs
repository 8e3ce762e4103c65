using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Looks at the broker beside MassTransit: whether queues exist, how deep they are, who consumes them.
/// </summary>
public sealed class Broker(IConfiguration configuration, ServiceIdentity identity) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly SemaphoreSlim _inspecting = new(1, 1);
    private IConnection? _connection;
    private IChannel? _inspection;

    /// <summary>State of a queue.</summary>
    /// <returns>Null if it does not exist.</returns>
    /// <exception cref="BrokerUnreachableException">The broker cannot be reached.</exception>
    public async Task<QueueState?> ReadQueueAsync(string queue, CancellationToken cancellation)
    {
        await _inspecting.WaitAsync(cancellation);
        var isSound = false;
        try
        {
            if (_inspection is not { IsOpen: true })
            {
                _inspection = await OpenChannelAsync(cancellation);
            }

            var answer = await _inspection.QueueDeclarePassiveAsync(queue, cancellation);
            isSound = true;
            return new QueueState(queue, answer.MessageCount, answer.ConsumerCount);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
        finally
        {
            // The broker closes a channel that asked for what is not there; one that was cancelled still waits.
            if (!isSound && _inspection is { } broken)
            {
                _inspection = null;
                await broken.DisposeAsync();
            }

            _inspecting.Release();
        }
    }

    /// <summary>Opens a channel of its own with publisher confirms; dispose it after use.</summary>
    public async Task<IChannel> OpenChannelAsync(CancellationToken cancellation)
    {
        var connection = await ConnectAsync(cancellation);
        return await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellation);
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _connecting.Dispose();
        _inspecting.Dispose();
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { IsOpen: true } open)
        {
            return open;
        }

        await _connecting.WaitAsync(cancellation);
        try
        {
            if (_connection is { IsOpen: true } opened)
            {
                return opened;
            }

            if (_connection is not null)
            {
                await _connection.DisposeAsync();
            }

            var factory = new ConnectionFactory
            {
                Uri = MessagingExtensions.BrokerAddress(configuration),
                AutomaticRecoveryEnabled = false,
                ClientProvidedName = $"{identity.Name} inspection",
            };
            _connection = await factory.CreateConnectionAsync(cancellation);
            return _connection;
        }
        finally
        {
            _connecting.Release();
        }
    }
}

/// <summary>A queue as the broker sees it.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Messages">Messages ready to be delivered.</param>
/// <param name="Consumers">Consumers attached.</param>
public sealed record QueueState(string Queue, uint Messages, uint Consumers);
