using Dapper;
using Ecom.ServiceDefaults.Storage;
using MassTransit;
using Npgsql;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>The mark that a message's effect is in the database: a row in the transaction of that effect.</summary>
/// <param name="Endpoint">Queue that the message came from.</param>
/// <param name="MessageId">Id of the message.</param>
public sealed record InboxEntry(string Endpoint, Guid MessageId)
{
    /// <summary>The entry of the message being consumed.</summary>
    /// <exception cref="UnusableMessageException">The message carries no id, so it could not be told from its own
    /// redelivery.</exception>
    public static InboxEntry Of(ConsumeContext context)
    {
        var messageId = context.MessageId ?? throw new UnusableMessageException("The message has no message id.");
        return new InboxEntry(context.ReceiveContext.InputAddress.Segments[^1], messageId);
    }

    /// <summary>
    /// Records the message in the connection's open transaction. A concurrent delivery of the same message waits
    /// here for that transaction's end.
    /// </summary>
    /// <returns>False when the effect is there already: change nothing, acknowledge.</returns>
    public async Task<bool> TryRecordAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string Sql = """
            insert into inbox (endpoint, message_id)
            values (@Endpoint, @MessageId)
            on conflict do nothing
            """;

        try
        {
            var rows = await connection.ExecuteAsync(new CommandDefinition(Sql, this, cancellationToken: cancellation));
            return rows == 1 || InboxSwitch.IsOff;
        }
        catch (PostgresException error) when (PostgresFault.IsReadOnly(error))
        {
            // A session keeps the setting that it began with: the retry must find a new one.
            NpgsqlConnection.ClearPool(connection);
            throw;
        }
    }

    /// <summary>Records many messages in the connection's open transaction.</summary>
    /// <returns>Those whose effect is not there yet, each once.</returns>
    public static async Task<IReadOnlySet<InboxEntry>> RecordAsync(
        NpgsqlConnection connection, IEnumerable<InboxEntry> entries, CancellationToken cancellation)
    {
        // In one order everywhere, so that two replicas with the same messages never wait for each other in a circle.
        const string Sql = """
            insert into inbox (endpoint, message_id)
            select endpoint, message_id from unnest(@Endpoints, @Ids) as entry (endpoint, message_id)
            order by endpoint, message_id
            on conflict do nothing
            returning endpoint, message_id
            """;

        var given = entries.AsList();
        var added = await connection.QueryAsync<(string Endpoint, Guid MessageId)>(new CommandDefinition(
            Sql,
            new
            {
                Endpoints = given.Select(entry => entry.Endpoint).ToArray(),
                Ids = given.Select(entry => entry.MessageId).ToArray(),
            },
            cancellationToken: cancellation));
        return InboxSwitch.IsOff
            ? given.ToHashSet()
            : added.Select(row => new InboxEntry(row.Endpoint, row.MessageId)).ToHashSet();
    }
}
