using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dapper;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Publishes what waits in the outbox: claims rows, publishes them with confirms, deletes them, all in one
/// transaction, so that a crash publishes again rather than never. Woken by notify, with polling as a net.
/// </summary>
internal sealed partial class OutboxRelay(
    NpgsqlDataSource database, Outbox outbox, IBus bus, SubscriberGate gate, ILogger<OutboxRelay> logger)
    : BackgroundService
{
    private const int RowsAtOnce = 64;
    private static readonly TimeSpan _pollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _publishTimeout = TimeSpan.FromSeconds(20);
    private static readonly ActivitySource _source = new("Ecom.Messaging");
    private static readonly Meter _meter = new("Ecom.Messaging");
    private static readonly Counter<long> _published =
        _meter.CreateCounter<long>("ecom.outbox.published", "{message}", "Messages published from the outbox.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RelayUntilDisturbedAsync(stoppingToken);
                failures = 0;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                failures++;
                LogDisturbed(failures, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(failures, 5)), stoppingToken);
            }
        }
    }

    private async Task RelayUntilDisturbedAsync(CancellationToken cancellation)
    {
        await using var listener = await database.OpenConnectionAsync(cancellation);
        await listener.ExecuteAsync($"listen {outbox.Channel}");
        try
        {
            while (true)
            {
                await gate.WaitAsync(cancellation);
                while (await PublishBatchAsync(cancellation) == RowsAtOnce)
                {
                }

                await listener.WaitAsync(_pollInterval, cancellation);
            }
        }
        finally
        {
            // The connection goes back to the pool: it must not go on listening there.
            if (listener.State == System.Data.ConnectionState.Open)
            {
                await listener.ExecuteAsync("unlisten *");
            }
        }
    }

    private async Task<int> PublishBatchAsync(CancellationToken cancellation)
    {
        const string Claim = """
            select position, message_id, message_type, body, trace_parent
            from outbox
            order by position
            limit @RowsAtOnce
            for update skip locked
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var rows = (await connection.QueryAsync<Row>(
            new CommandDefinition(Claim, new { RowsAtOnce }, cancellationToken: cancellation))).AsList();
        if (rows.Count == 0)
        {
            return 0;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_publishTimeout);
        await Task.WhenAll(rows.Select(row => PublishAsync(row, timeout.Token)));

        await connection.ExecuteAsync(new CommandDefinition(
            "delete from outbox where position = any(@Positions)",
            new { Positions = rows.Select(row => row.Position).ToArray() },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        _published.Add(rows.Count);
        return rows.Count;
    }

    private async Task PublishAsync(Row row, CancellationToken cancellation)
    {
        ActivityContext.TryParse(row.TraceParent, null, isRemote: true, out var parent);
        using var span = parent == default
            ? null
            : _source.StartActivity("relay outbox", ActivityKind.Internal, parent);
        var message = Outbox.Deserialize(row.MessageType, row.Body);
        await bus.Publish(
            message,
            message.GetType(),
            Pipe.Execute<PublishContext>(context => context.MessageId = row.MessageId),
            cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Relay disturbed ({Failures} in a row), tries again: {Reason}")]
    private partial void LogDisturbed(int failures, string reason);

    private sealed record Row
    {
        public required long Position { get; init; }

        public required Guid MessageId { get; init; }

        public required string MessageType { get; init; }

        public required string Body { get; init; }

        public required string? TraceParent { get; init; }
    }
}
