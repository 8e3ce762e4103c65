using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>
/// Empties the error queues of this service into table <c>parked_messages</c>; a message is acknowledged once its row
/// is committed. Also keeps the counts of health and metrics fresh.
/// </summary>
internal sealed partial class Parking(
    Broker broker,
    ConsumerQueues consumers,
    FailureQueues queues,
    ParkedMessages parked,
    ParkedCounts counts,
    TimeProvider clock,
    ILogger<Parking> logger) : BackgroundService
{
    private const ushort Prefetch = 20;
    private static readonly TimeSpan _recount = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _wait = TimeSpan.FromSeconds(2);

    /// <summary>Declares the queues before any consumer can need them.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await queues.DeclareAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => consumers.Names.Count == 0
        ? Task.CompletedTask
        : Task.WhenAll(
            RepeatAsync(ParkUntilDisturbedAsync, stoppingToken), RepeatAsync(CountAsync, stoppingToken));

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogDisturbed(error.Message);
                await Task.Delay(_wait, clock, stopping);
            }
        }
    }

    private async Task ParkUntilDisturbedAsync(CancellationToken stopping)
    {
        // Again after each break: the broker may have come back without its data.
        await queues.DeclareAsync(stopping);
        await using var channel = await broker.OpenChannelAsync(stopping);
        var disturbed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, shutdown) =>
        {
            disturbed.TrySetException(new InvalidOperationException(shutdown.ReplyText));
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(prefetchSize: 0, Prefetch, global: false, stopping);
        foreach (var queue in queues.Errors)
        {
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) => ParkAsync(channel, queue, delivery, stopping);
            consumer.UnregisteredAsync += (_, _) =>
            {
                disturbed.TrySetException(new InvalidOperationException($"Queue {queue} was deleted."));
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stopping);
        }

        await disturbed.Task.WaitAsync(stopping);
    }

    // Held, not given back, while the database is away: giving back would come at once, again and again.
    private async Task ParkAsync(
        IChannel channel, string errorQueue, BasicDeliverEventArgs delivery, CancellationToken stopping)
    {
        var message = FailedDelivery.Read(
            FailureQueues.SourceOf(errorQueue), delivery.BasicProperties, delivery.Body.ToArray(), clock.GetUtcNow());
        while (channel.IsOpen && !stopping.IsCancellationRequested)
        {
            try
            {
                await parked.AddAsync(message, stopping);
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, stopping);
                return;
            }
            catch (NpgsqlException error)
            {
                LogNotStored(message.MessageId, message.Queue, error.Message);
                await Task.Delay(_wait, clock, stopping);
            }
        }
    }

    private async Task CountAsync(CancellationToken stopping)
    {
        while (true)
        {
            await counts.RefreshAsync(stopping);
            await Task.Delay(_recount, clock, stopping);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Parking disturbed, tries again: {Reason}")]
    private partial void LogDisturbed(string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Message {MessageId} of {Queue} cannot be parked yet; it waits in the error queue: {Reason}")]
    private partial void LogNotStored(string? messageId, string queue, string reason);
}
