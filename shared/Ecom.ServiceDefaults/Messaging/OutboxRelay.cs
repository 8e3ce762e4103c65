using System.Diagnostics.Metrics;
using Dapper;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Publishes what waits in the outbox: claims rows, publishes them with confirms, deletes them, all in one
/// transaction, so that a crash publishes again rather than never. Woken by notify, with polling as a net.
/// </summary>
/// <remarks>
/// Several workers, each with a channel of its own and at most <see cref="RowsAtOnce"/> unconfirmed messages; they and
/// other replicas skip each other's rows. One of them listens, and wakes the others while there is more than a batch.
/// </remarks>
internal sealed partial class OutboxRelay(
    NpgsqlDataSource database,
    Outbox outbox,
    Broker broker,
    SubscriberGate gate,
    IOptions<MessagingOptions> options,
    TimeProvider clock,
    ILogger<OutboxRelay> logger) : BackgroundService
{
    private const int RowsAtOnce = 64;
    private static readonly TimeSpan _pollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _publishTimeout = TimeSpan.FromSeconds(20);
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

                // A broker that comes back may have lost its queues.
                gate.Close();
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
                await RelayUntilEmptyAsync(listener, cancellation);
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

    // Channels live as long as the gate need not look again. While the broker confirms one batch, what came meanwhile
    // is already on its way as the next.
    private async Task RelayUntilEmptyAsync(NpgsqlConnection listener, CancellationToken cancellation)
    {
        await using var first = new OutboxPublisher(await broker.OpenChannelAsync(cancellation));
        await using var second = new OutboxPublisher(await broker.OpenChannelAsync(cancellation));
        var (publisher, other) = (first, second);
        var unconfirmed = Task.CompletedTask;
        try
        {
            while (gate.IsOpen)
            {
                var before = unconfirmed;
                (var rows, unconfirmed) = await BeginBatchAsync(publisher, cancellation);
                (publisher, other) = (other, publisher);
                await before;
                if (rows == RowsAtOnce)
                {
                    await unconfirmed;
                    await Task.WhenAll(Enumerable.Range(1, options.Value.RelayWorkers)
                        .Select(_ => HelpAsync(cancellation)));
                }

                await listener.WaitAsync(_pollInterval, cancellation);
            }
        }
        finally
        {
            await unconfirmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await unconfirmed;
    }

    // A backlog: workers until none is left.
    private async Task HelpAsync(CancellationToken cancellation)
    {
        await using var publisher = new OutboxPublisher(await broker.OpenChannelAsync(cancellation));
        for (var rows = RowsAtOnce; gate.IsOpen && rows == RowsAtOnce;)
        {
            (rows, var confirmed) = await BeginBatchAsync(publisher, cancellation);
            await confirmed;
        }
    }

    // Claims rows; tells how many, and when they are confirmed and gone.
    private async Task<(int Rows, Task Confirmed)> BeginBatchAsync(
        OutboxPublisher publisher, CancellationToken cancellation)
    {
        // A transaction that was not committed ends with its connection.
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellation);
            var rows = await ClaimAsync(connection, cancellation);
            if (rows.Count > 0)
            {
                return (rows.Count, EndBatchAsync(publisher, rows, transaction, cancellation));
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return (0, Task.CompletedTask);
    }

    private async Task EndBatchAsync(
        OutboxPublisher publisher,
        IReadOnlyList<OutboxRow> rows,
        NpgsqlTransaction transaction,
        CancellationToken cancellation)
    {
        await using var connection = transaction.Connection!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_publishTimeout);
        await publisher.PublishAsync(rows, clock.GetUtcNow(), timeout.Token);
        await transaction.CommitAsync(cancellation);
        _published.Add(rows.Count);
    }

    // Deleted at once: the rows are back if the transaction does not commit.
    private static async Task<IReadOnlyList<OutboxRow>> ClaimAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string Sql = """
            with claimed as (
                delete from outbox
                where position in (
                    select position from outbox order by position limit $1 for update skip locked)
                returning position, message_id, message_type, body, trace_parent)
            select message_id, message_type, body, trace_parent from claimed order by position
            """;

        // The deletion need not wait for the disk: a crash of the server may bring rows back, and they are published
        // again.
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("select set_config('synchronous_commit', 'off', true)");
        batch.Add(Sql, new NpgsqlParameter<int> { TypedValue = RowsAtOnce });
        var rows = new List<OutboxRow>();
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new OutboxRow(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.IsDBNull(3) ? null : reader.GetString(3)));
        }

        return rows;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Relay disturbed ({Failures} in a row), tries again: {Reason}")]
    private partial void LogDisturbed(int failures, string reason);
}
