using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Ecom.Features;
using Ecom.Fraud.Payments;
using Ecom.ServiceDefaults.Storage;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Advisory locks of a connection, for all replicas: payments that share anything are decided one after the other, and
/// an erasure has no writer beside it.
/// </summary>
internal static class Locks
{
    /// <summary>
    /// Expressions of SQL: until the transaction ends, which a batch by itself is, prepared statements use one plan for
    /// all parameters, by indices, however small the tables were when it was made. For statements that find rows by
    /// their keys: PostgreSQL else plans those that take arrays anew each time, which costs it more than their work.
    /// </summary>
    public const string OnePlan =
        "set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)";

    private const string UnlockAll = "select pg_advisory_unlock_all()";
    private static readonly long _erasure = KeyOf("erasure");
    private static readonly long _rings = KeyOf("rings");

    /// <summary>Keys of a payment and of the entities that no other payment may change while it is decided.</summary>
    public static IEnumerable<long> KeysOf(string paymentId, ShopEvent payment) =>
        PaymentVector.LockedOf(payment)
            .Select(entity => KeyOf($"{entity.Kind}:{entity.Id}"))
            .Append(KeyOf($"payment:{paymentId}"));

    /// <summary>
    /// Adds to a batch: waits until no other writer holds one of the keys, and no erasure runs. What follows in the
    /// batch sees what those before have written. Held until <see cref="Release"/> or <see cref="ReleaseAsync"/>; a
    /// connection that goes back to the pool may hold them for long.
    /// </summary>
    public static void Hold(NpgsqlBatch batch, IEnumerable<long> keys)
    {
        batch.Add(
            $"select {OnePlan}, pg_advisory_lock_shared($1)", new NpgsqlParameter<long> { TypedValue = _erasure });

        // In one order everywhere, so that two never wait for each other.
        batch.Add(
            "select pg_advisory_lock(key) from unnest($1) as key",
            new NpgsqlParameter<long[]> { TypedValue = [.. keys.Distinct().Order()] });
    }

    /// <summary>Adds to a batch: gives back whatever its connection holds.</summary>
    public static void Release(NpgsqlBatch batch) => batch.Add(UnlockAll);

    public static Task ReleaseAsync(NpgsqlConnection connection) => connection.ExecuteAsync(UnlockAll);

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

    /// <summary>
    /// Adds to a batch: waits until nobody else changes rings, and keeps them away until the open transaction ends.
    /// </summary>
    public static void HoldRings(NpgsqlBatch batch) =>
        batch.Add("select pg_advisory_xact_lock($1)", new NpgsqlParameter<long> { TypedValue = _rings });

    /// <summary>The same at once.</summary>
    public static Task HoldRingsAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@rings)", new { rings = _rings }, cancellationToken: cancellation));

    public static long KeyOf(string name) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"ecom fraud {name}")));
}
