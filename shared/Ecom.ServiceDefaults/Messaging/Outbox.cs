using System.Text.Json;
using Dapper;
using MassTransit.Serialization;
using Npgsql;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>Messages that wait in the database to be published: table <c>outbox</c>, one row a bus message.</summary>
public sealed class Outbox(NpgsqlDataSource database, ServiceIdentity identity)
{
    /// <summary>The channel that tells the relay of new rows.</summary>
    internal string Channel => $"outbox_{identity.Schema}";

    /// <summary>
    /// Adds messages in the connection's open transaction; a message id that waits already is left as it is.
    /// </summary>
    public async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<OutboxMessage> messages, CancellationToken cancellation)
    {
        const string Sql = """
            insert into outbox (message_id, message_type, body, trace_parent)
            select * from unnest(@Ids, @Types, @Bodies, @Traces)
            on conflict (message_id) do nothing
            """;

        if (messages.Count == 0)
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Ids = messages.Select(m => m.MessageId).ToArray(),
                Types = messages.Select(m => TypeName(m.Message.GetType())).ToArray(),
                Bodies = messages.Select(m => Serialize(m.Message)).ToArray(),
                Traces = messages.Select(m => m.TraceParent).ToArray(),
            },
            cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_notify(@Channel, '')", new { Channel }, cancellationToken: cancellation));
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

    internal static object Deserialize(string typeName, string body)
    {
        var type = Type.GetType(typeName)
            ?? throw new InvalidOperationException($"Outbox holds a message of unknown type {typeName}.");
        return JsonSerializer.Deserialize(body, type, SystemTextJsonMessageSerializer.Options)
            ?? throw new InvalidOperationException($"Outbox holds an empty {typeName}.");
    }

    /// <summary>A message, or a part of one, as the JSON that goes over the bus.</summary>
    public static string Serialize(object message) =>
        JsonSerializer.Serialize(message, message.GetType(), SystemTextJsonMessageSerializer.Options);

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
