using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;
using Ecom.Ingestion.Envelopes;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.Ingestion.Storage;

/// <summary>Writes the raw log: table events.</summary>
internal static class EventLog
{
    /// <summary>Copies rows in the open transaction, in this order.</summary>
    public static async Task AppendAsync(
        NpgsqlConnection connection, IReadOnlyCollection<LogEntry> entries, CancellationToken cancellation)
    {
        const string Sql = """
            copy events (received_at, occurred_at, event_id, client, message_id, kind, subject, customer_id,
                anonymous_id, backfill, bus_message_id, body, link_message_id, link_body)
            from stdin (format binary)
            """;

        if (entries.Count == 0)
        {
            return;
        }

        await using var import = await connection.BeginBinaryImportAsync(Sql, cancellation);
        foreach (var entry in entries)
        {
            var (read, message, busMessageId, link) = entry;
            await import.StartRowAsync(cancellation);
            await import.WriteAsync(read.ReceivedAt, NpgsqlDbType.TimestampTz, cancellation);
            await import.WriteAsync(read.OccurredAt, NpgsqlDbType.TimestampTz, cancellation);
            await import.WriteAsync(read.EventId, NpgsqlDbType.Uuid, cancellation);
            await import.WriteAsync(read.Client, NpgsqlDbType.Text, cancellation);
            await import.WriteAsync(read.MessageId, NpgsqlDbType.Text, cancellation);
            await import.WriteAsync(read.Kind, NpgsqlDbType.Text, cancellation);
            await WriteTextAsync(import, SubjectOf(message), cancellation);
            await WriteTextAsync(import, read.CustomerId, cancellation);
            await WriteTextAsync(import, read.AnonymousId, cancellation);
            await import.WriteAsync(read.Backfill, NpgsqlDbType.Boolean, cancellation);
            await import.WriteAsync(busMessageId, NpgsqlDbType.Uuid, cancellation);
            await import.WriteAsync(entry.Json, NpgsqlDbType.Text, cancellation);
            if (link is null)
            {
                await import.WriteNullAsync(cancellation);
                await import.WriteNullAsync(cancellation);
            }
            else
            {
                await import.WriteAsync(link.EventId, NpgsqlDbType.Uuid, cancellation);
                await import.WriteAsync(Outbox.Serialize(link), NpgsqlDbType.Text, cancellation);
            }
        }

        await import.CompleteAsync(cancellation);
    }

    private static async Task WriteTextAsync(NpgsqlBinaryImporter import, string? text, CancellationToken cancellation)
    {
        if (text is null)
        {
            await import.WriteNullAsync(cancellation);
        }
        else
        {
            await import.WriteAsync(text, NpgsqlDbType.Text, cancellation);
        }
    }

    private static string? SubjectOf(object message) => message switch
    {
        Interaction interaction => interaction.ProductId,
        OrderPlaced placed => placed.OrderId,
        OrderCancelled cancelled => cancelled.OrderId,
        OrderRefunded refunded => refunded.OrderId,
        PaymentAttempted attempted => attempted.PaymentId,
        PaymentDisputed disputed => disputed.PaymentId,
        ProductChanged product => product.ProductId,
        _ => null,
    };
}

/// <summary>A row of the raw log.</summary>
/// <param name="Read">The accepted event.</param>
/// <param name="Message">Its message: an interaction, or a contract of its own.</param>
/// <param name="BusMessageId">Id of the bus message that carries it.</param>
/// <param name="Link">A second message, if the event shows a link that was not known; its id is its event id.</param>
internal sealed record LogEntry(ReadEvent Read, object Message, Guid BusMessageId, CustomerIdentified? Link)
{
    /// <summary>The message as UTF-8 JSON.</summary>
    public byte[] Json { get; } = Outbox.Serialize(Message);
}
