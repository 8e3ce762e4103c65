using Dapper;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>
/// Writers of events share it. An erasure holds it alone, so that no event of the erased customer slips in beside the
/// deletion; a rebuild takes it once before it reads history, so that no writer still under way is missed.
/// </summary>
internal static class WriterLock
{
    public static Task ShareAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock_shared(hashtext('writers ' || current_schema()))",
            cancellationToken: cancellation));

    public static Task HoldAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtext('writers ' || current_schema()))",
            cancellationToken: cancellation));
}
