using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>Brings the service's schema up to date before anything else of the service starts.</summary>
/// <remarks>Replicas that start together wait for one another on an advisory lock; PostgreSQL may come up to a minute
/// later.</remarks>
internal sealed partial class Migrator(
    Assembly migrations, NpgsqlDataSource database, ServiceIdentity identity, ILogger<Migrator> logger) : IHostedService
{
    private const int Attempts = 12;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await MigrateAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException error) when (error.IsTransient && attempt < Attempts)
            {
                LogWaiting(attempt, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(attempt, 8)), cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MigrateAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var locking = connection.CreateCommand();
        locking.CommandText = "select pg_advisory_lock(hashtext('migrations ' || current_schema()))";
        await locking.ExecuteNonQueryAsync(cancellation);

        var result = DeployChanges.To
            .PostgresqlDatabase(new DbUp.Postgresql.PostgresqlConnectionManager(database))
            .WithScriptsEmbeddedInAssembly(typeof(Migrator).Assembly, IsMigration)
            .WithScriptsEmbeddedInAssembly(migrations, IsMigration)
            .JournalToPostgresqlTable(identity.Schema, "schema_migrations")
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new UpgradeLog(logger))
            .Build()
            .PerformUpgrade();

        await using var unlocking = connection.CreateCommand();
        unlocking.CommandText = "select pg_advisory_unlock_all()";
        await unlocking.ExecuteNonQueryAsync(cancellation);
        ThrowIfFailed(result);
    }

    private static void ThrowIfFailed(DatabaseUpgradeResult result)
    {
        if (!result.Successful)
        {
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed.", result.Error);
        }
    }

    private static bool IsMigration(string resource) =>
        resource.Contains(".Migrations.", StringComparison.Ordinal)
        && resource.EndsWith(".sql", StringComparison.Ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL is not there yet (attempt {Attempt}): {Reason}")]
    private partial void LogWaiting(int attempt, string reason);

    private sealed partial class UpgradeLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) { }

        public void LogDebug(string format, params object[] args) { }

        public void LogInformation(string format, params object[] args) =>
            Write(LogLevel.Debug, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));

        public void LogWarning(string format, params object[] args) =>
            Write(LogLevel.Warning, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));

        public void LogError(string format, params object[] args) =>
            Write(LogLevel.Error, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));

        public void LogError(Exception ex, string format, params object[] args) => LogError(format, args);

        [LoggerMessage(Message = "Migration: {Text}")]
        private partial void Write(LogLevel level, string text);
    }
}
