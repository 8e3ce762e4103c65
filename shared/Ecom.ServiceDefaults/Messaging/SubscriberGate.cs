using Dapper;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Holds the relay until every subscriber's queue exists and is bound: RabbitMQ confirms also what no queue
/// receives.
/// </summary>
/// <remarks>
/// A queue seen with a consumer has its bindings (MassTransit consumes only after it has bound) and they are durable:
/// from then on
/// it counts as long as it exists, with or without consumers.
/// </remarks>
internal sealed partial class SubscriberGate(
    IOptions<MessagingOptions> options,
    Broker broker,
    NpgsqlDataSource database,
    TimeProvider clock,
    ILogger<SubscriberGate> logger)
{
    private static readonly TimeSpan _recheck = TimeSpan.FromSeconds(30);
    private DateTimeOffset _openUntil;

    /// <summary>Whether the last look is recent enough to publish.</summary>
    public bool IsOpen => clock.GetUtcNow() < _openUntil;

    public async Task WaitAsync(CancellationToken cancellation)
    {
        if (IsOpen)
        {
            return;
        }

        string? told = null;
        while (await FindMissingAsync(cancellation) is { } missing)
        {
            if (told != missing)
            {
                LogWaiting(missing);
                told = missing;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellation);
        }

        _openUntil = clock.GetUtcNow() + _recheck;
    }

    /// <summary>Shuts the gate, so that the next publication looks again.</summary>
    public void Close() => _openUntil = default;

    private async Task<string?> FindMissingAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var confirmed = (await connection.QueryAsync<string>(new CommandDefinition(
            "select queue from outbox_subscribers", cancellationToken: cancellation))).ToHashSet();
        foreach (var queue in options.Value.Subscribers)
        {
            var state = await broker.ReadQueueAsync(queue, cancellation);
            if (state is null || (state.Consumers == 0 && !confirmed.Contains(queue)))
            {
                return queue;
            }

            if (!confirmed.Contains(queue))
            {
                await connection.ExecuteAsync(new CommandDefinition(
                    "insert into outbox_subscribers (queue) values (@queue) on conflict do nothing",
                    new { queue },
                    cancellationToken: cancellation));
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Publishing waits until queue {Queue} exists and is bound")]
    private partial void LogWaiting(string queue);
}
