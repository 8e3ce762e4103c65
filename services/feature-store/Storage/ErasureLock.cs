using Dapper;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>
/// Writers share it, an erasure holds it alone: so no event of an erased customer slips in beside the deletion.
/// </summary>
internal static class ErasureLock
{
    public static Task ShareAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock_shared(hashtext('erasure ' || current_schema()))",
            cancellationToken: cancellation));

    public static Task HoldAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtext('erasure ' || current_schema()))",
            cancellationToken: cancellation));
}
