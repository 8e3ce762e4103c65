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
    /// adds inbox, outbox and leases.
    /// </summary>
    /// <remarks>SQL names no schema: the search path is the service's own. Call it before AddMessaging: migrations
    /// run first.</remarks>
    /// <exception cref="InvalidOperationException">When the connection string is not configured.</exception>
    public static WebApplicationBuilder AddPostgres(this WebApplicationBuilder builder, Assembly migrations)
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
        builder.Services.AddHealthChecks().AddCheck<PostgresCheck>("postgres", tags: ["ready"]);
        return builder;
    }

    private sealed class PostgresCheck(NpgsqlDataSource database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
