using Dapper;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.ServiceDefaults.Jobs;

/// <summary>
/// Prunes what every service keeps to tell messages apart: inbox rows by age, failed messages that were handled long
/// ago, and leases that nobody gave back. The outbox empties itself.
/// </summary>
/// <remarks>
/// A parked message may be replayed at any age: its row stays, in case that it failed only after its effect. The
/// first look after a start prunes nothing: a service that was away for longer than the retention first gets back what
/// it had not acknowledged, and its inbox must still know it.
/// </remarks>
public sealed partial class MessageRetention(
    NpgsqlDataSource database,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<MessageRetention> logger)
    : LeasedJob("message-retention", TimeSpan.FromHours(1), leases, logger)
{
    private const int RowsAtOnce = 5_000;
    private const int LeaseDays = 1;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);
    private bool _hasLooked;

    /// <summary>Prunes in batches, each a transaction of its own on an index.</summary>
    /// <returns>Inbox rows that went.</returns>
    public async Task<long> PruneAsync(CancellationToken cancellation)
    {
        const string Inbox = """
            delete from inbox
            where ctid = any(array(
                select ctid from inbox
                where received_at < @before and not exists (
                    select from parked_messages parked
                    where parked.queue = inbox.endpoint and parked.message_id = inbox.message_id::text)
                order by received_at
                limit @RowsAtOnce))
            """;
        const string Handled = "delete from parked_messages where state <> 'parked' and handled_at < @before";
        const string Expired = "delete from leases where expires_at < @before";

        var now = clock.GetUtcNow();
        var before = now.AddDays(-options.Value.InboxDays);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var pruned = 0L;
        int batch;
        do
        {
            batch = await connection.ExecuteAsync(new CommandDefinition(
                Inbox, new { before, RowsAtOnce }, cancellationToken: cancellation));
            pruned += batch;
            await Task.Delay(_pause, cancellation);
        }
        while (batch == RowsAtOnce);

        await connection.ExecuteAsync(new CommandDefinition(
            Handled, new { before = now.AddDays(-options.Value.FailedDays) }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Expired, new { before = now.AddDays(-LeaseDays) }, cancellationToken: cancellation));
        return pruned;
    }

    /// <inheritdoc />
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        if (!_hasLooked)
        {
            _hasLooked = true;
            return;
        }

        LogPruned(await PruneAsync(cancellation));
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Rows} inbox rows pruned")]
    private partial void LogPruned(long rows);
}
