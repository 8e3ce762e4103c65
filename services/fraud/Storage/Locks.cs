using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Ecom.Features;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Advisory locks of a connection, for all replicas: payments that share anything are decided one after the other, and
/// an erasure has no writer beside it.
/// </summary>
internal static class Locks
{
    private static readonly long _erasure = KeyOf("erasure");

    /// <summary>
    /// Waits until no other writer holds the payment or one of its entities, and no erasure runs. Released by
    /// <see cref="ReleaseAsync"/>, at the latest when the connection goes back to the pool.
    /// </summary>
    public static Task HoldAsync(
        NpgsqlConnection connection, string paymentId, IEnumerable<EntityKey> entities, CancellationToken cancellation)
    {
        // In one order everywhere, so that two never wait for each other.
        const string Sql = """
            select pg_advisory_lock_shared(@erasure);
            select pg_advisory_lock(key) from unnest(@keys) as key;
            """;

        var keys = entities.Select(entity => KeyOf($"{entity.Kind}:{entity.Id}"))
            .Append(KeyOf($"payment:{paymentId}")).Distinct().Order().ToArray();
        return connection.ExecuteAsync(new CommandDefinition(
            Sql, new { erasure = _erasure, keys }, cancellationToken: cancellation));
    }

    public static Task ReleaseAsync(NpgsqlConnection connection) =>
        connection.ExecuteAsync("select pg_advisory_unlock_all()");

    /// <summary>Keeps erasures away until the open transaction ends.</summary>
    public static Task ShareErasureAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock_shared(@erasure)",
            new { erasure = _erasure },
            cancellationToken: cancellation));

    /// <summary>Waits for all writers and keeps them away until the open transaction ends.</summary>
    public static Task HoldErasureAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@erasure)", new { erasure = _erasure }, cancellationToken: cancellation));

    public static long KeyOf(string name) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"ecom fraud {name}")));
}
