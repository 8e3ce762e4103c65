using System.Diagnostics;
using System.Reflection;
using Dapper;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Ecom.ServiceDefaults.Storage;

/// <summary>PostgreSQL for a service: one data source, its own schema, migrations at start.</summary>
public static class PostgresExtensions
{
    /// <summary>
    /// Adds the data source of <c>ConnectionStrings:Postgres</c> (at most 10 connections unless the string says
    /// otherwise), runs the embedded <c>Migrations/*.sql</c> of the assembly at start under an advisory lock, and
    /// adds inbox, outbox and leases, and prunes them.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="migrations">Assembly with the migrations.</param>
    /// <param name="needsWrites">
    /// True: a server that only reads makes the service unready. False: it goes on answering what it can read.
    /// </param>
    /// <remarks>SQL names no schema: the search path is the service's own. Call it before AddMessaging: migrations
    /// run first.</remarks>
    /// <exception cref="InvalidOperationException">When the connection string is not configured.</exception>
    public static WebApplicationBuilder AddPostgres(
        this WebApplicationBuilder builder, Assembly migrations, bool needsWrites = false)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var configured = builder.Configuration.GetConnectionString("Postgres")
            ?? throw new InvalidOperationException("ConnectionStrings:Postgres is not configured.");

        builder.Services.AddSingleton(services =>
        {
            var identity = services.GetRequiredService<ServiceIdentity>();
            var connection = new NpgsqlConnectionStringBuilder(configured) { SearchPath = identity.Schema };
            if (!configured.Contains("Maximum Pool Size", StringComparison.OrdinalIgnoreCase))
            {
                connection.MaxPoolSize = 10;
            }

            if (!configured.Contains("Auto Prepare", StringComparison.OrdinalIgnoreCase))
            {
                // Parsing and planning took a tenth of the server's time.
                connection.MaxAutoPrepare = 40;
            }

            connection.ApplicationName ??= identity.Name;
            var source = new NpgsqlDataSourceBuilder(connection.ConnectionString);

            // A command without a cause is a job that looks whether there is work: many a second, and nobody's trace.
            source.ConfigureTracing(tracing => tracing
                .ConfigureCommandFilter(_ => Activity.Current is not null)
                .ConfigureBatchFilter(_ => Activity.Current is not null));
            return source.Build();
        });
        builder.Services.AddHostedService(
            services => ActivatorUtilities.CreateInstance<Migrator>(services, migrations));
        builder.Services.AddOptions<PrivacyOptions>()
            .BindConfiguration(PrivacyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ErasedIds>();
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddSingleton<Leases>();
        builder.Services.AddOptions<RetentionOptions>()
            .BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<MessageRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MessageRetention>());
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "postgres",
            services => new PostgresCheck(services.GetRequiredService<NpgsqlDataSource>(), needsWrites),
            failureStatus: null,
            tags: ["ready"]));
        return builder;
    }

    private sealed class PostgresCheck(NpgsqlDataSource database, bool needsWrites) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await using var command = database.CreateCommand("show transaction_read_only");
            if (await command.ExecuteScalarAsync(cancellationToken) is "off")
            {
                return HealthCheckResult.Healthy();
            }

            // A session keeps the setting that it began with: the next look must find a new one.
            database.Clear();
            const string Why = "PostgreSQL is read-only.";
            return needsWrites ? HealthCheckResult.Unhealthy(Why) : HealthCheckResult.Degraded(Why);
        }
    }
}
