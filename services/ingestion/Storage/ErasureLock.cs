using Dapper;
using Npgsql;

namespace Ecom.Ingestion.Storage;

/// <summary>
/// Keeps an erasure apart from the groups that are being written: without it a group that looked before the erasure
/// could commit the customer's events after it.
/// </summary>
internal static class ErasureLock
{
    /// <summary>Taken by every group until its end.</summary>
    public static Task ShareAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock_shared(hashtext('erasure ' || current_schema()))",
            cancellationToken: cancellation));

    /// <summary>Taken by an erasure until its end.</summary>
    public static Task TakeAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(hashtext('erasure ' || current_schema()))", cancellationToken: cancellation));
}
