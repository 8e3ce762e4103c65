using System.Text.Json;
using Dapper;
using Ecom.ServiceDefaults.Storage;
using MassTransit.Serialization;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>Messages that wait in the database to be published: table <c>outbox</c>, one row a bus message.</summary>
public sealed class Outbox(NpgsqlDataSource database, ServiceIdentity identity)
{
    // MassTransit's own options indent: a third of every message would be spaces.
    private static readonly JsonSerializerOptions _json =
        new(SystemTextJsonMessageSerializer.Options) { WriteIndented = false };

    /// <summary>The channel that tells the relay of new rows.</summary>
    internal string Channel => $"outbox_{identity.Schema}";

    /// <summary>
    /// Adds messages in the connection's open transaction; a message id that waits already is left as it is.
    /// </summary>
    public async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<OutboxMessage> messages, CancellationToken cancellation)
    {
        if (messages.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        Add(batch, messages);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Adds messages by a batch, which is or belongs to a transaction.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="messages">At least one.</param>
    public void Add(NpgsqlBatch batch, IReadOnlyCollection<OutboxMessage> messages)
    {
        const string Sql = """
            insert into outbox (message_id, message_type, body, trace_parent)
            select * from unnest($1, $2, $3, $4)
            on conflict (message_id) do nothing
            """;

        // Bodies go over as the bytes that they are: text would be decoded and encoded again on the way.
        batch.Add(
            Sql,
            new NpgsqlParameter<Guid[]> { TypedValue = [.. messages.Select(m => m.MessageId)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. messages.Select(m => TypeName(m.Type))] },
            new NpgsqlParameter
            {
                Value = messages.Select(m => m.Json).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
            },
            new NpgsqlParameter<string?[]> { TypedValue = [.. messages.Select(m => m.TraceParent)] });
        batch.Add("select pg_notify($1, '')", new NpgsqlParameter<string> { TypedValue = Channel });
    }

    /// <summary>Rows that wait, and the age of the oldest.</summary>
    public async Task<OutboxBacklog> ReadBacklogAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select count(*) as rows, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest_seconds
            from outbox
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<OutboxBacklog>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
    }

    /// <summary>A message, or a part of one, as the UTF-8 JSON that goes over the bus.</summary>
    public static byte[] Serialize(object message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), _json);

    private static string TypeName(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}

/// <summary>What waits in the outbox.</summary>
public sealed record OutboxBacklog
{
    /// <summary>Messages not yet published.</summary>
    public required long Rows { get; init; }

    /// <summary>Age of the oldest in seconds; 0 when none waits.</summary>
    public required double OldestSeconds { get; init; }
}
