using Npgsql;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>
/// Tells what is wrong with the PostgreSQL server from what is wrong with a statement: the first passes, so the same
/// request may be sent again; the second does not.
/// </summary>
public static class PostgresFault
{
    /// <summary>What is wrong with the server, as a title for people.</summary>
    /// <returns>Null when the error is no fault of the server: a statement that can never succeed, or an error that has
    /// nothing to do with PostgreSQL.</returns>
    public static string? Describe(Exception error) => error switch
    {
        PostgresException refused => Describe(refused),
        NpgsqlException => "PostgreSQL cannot be reached",
        _ => null,
    };

    /// <summary>
    /// Whether a statement was refused because the server, the database or the session may only read: a standby, or
    /// <c>default_transaction_read_only</c>.
    /// </summary>
    public static bool IsReadOnly(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    private static string? Describe(PostgresException refused) => refused.SqlState switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => "PostgreSQL is read-only",
        PostgresErrorCodes.DiskFull => "The disk of PostgreSQL is full",
        PostgresErrorCodes.OutOfMemory => "PostgreSQL is out of memory",
        PostgresErrorCodes.TooManyConnections => "PostgreSQL has no connection left",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "PostgreSQL is shutting down",
        PostgresErrorCodes.CannotConnectNow => "PostgreSQL is starting",
        PostgresErrorCodes.IoError or PostgresErrorCodes.SystemError => "PostgreSQL cannot use its files",
        _ => refused.IsTransient ? "PostgreSQL is busy" : null,
    };
}
