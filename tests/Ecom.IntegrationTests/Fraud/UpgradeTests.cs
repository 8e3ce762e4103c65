using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using DbUp;
using Ecom.Fraud;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Keys;
using Ecom.ServiceDefaults.Storage;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>A new release starts on the database of an older one, which has alerts.</summary>
public sealed class UpgradeTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task Alerts_from_before_windows_and_cases_are_kept_and_can_be_worked()
    {
        var database = await backends.CreateDatabaseAsync("fraud");
        MigrateTo("003", database.ConnectionString);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var open = await RaiseAsync(source, "old-1", state: "open", isPublished: false);
        var dismissed = await RaiseAsync(source, "old-2", state: "dismissed", isPublished: true);

        await using var fraud = await ServiceHost.StartAsync(
            app => app.AddFraud(),
            app => app.MapFraud(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = database.ConnectionString,
                ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            });
        using var client = fraud.CreateClient(Scopes.Fraud);

        var old = (await client.GetFromJsonAsync<JsonNode>("/v1/decisions/old-1"))!["features"]!.AsObject();
        Assert.Equal((2600.5, null), ((double?)old["amount"], (double?)old["card_payments_1h"]));
        var alerts = (await client.GetFromJsonAsync<JsonNode>("/v1/alerts"))!["items"]!.AsArray();
        Assert.Equal([open, dismissed], alerts.Select(alert => (Guid)alert!["raised"]!["alertId"]!));
        Assert.Equal([null, "false_positive"], alerts.Select(alert => (string?)alert!["outcome"]));
        using var team = new TeamQueue();
        var queued = await Eventually.ReadAsync(() => team.ReadAsync(fraud), found => found.Count > 0);
        Assert.Equal(open, Assert.Single(queued).AlertId);

        var resolved = await client.PostAsJsonAsync(
            $"/v1/alerts/{open}/resolve", new { outcome = "confirmed_fraud", version = 1 });
        resolved.EnsureSuccessStatusCode();
        await using var connection = await source.OpenConnectionAsync();
        await Eventually.BeTrueAsync(async () =>
            await connection.QuerySingleAsync<int>("select count(*) from uncounted") == 0);
        Assert.Equal(
            "old-1", await connection.QuerySingleAsync<string>("select payment_id from labels where fraud"));
    }

    [Fact]
    public async Task Who_paid_before_there_were_rings_is_known_and_tied_by_the_next_payment()
    {
        var database = await backends.CreateDatabaseAsync("fraud");
        MigrateTo("008", database.ConnectionString);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            insert into decisions (
                payment_id, customer_id, device_id, amount, currency, base_amount, base_currency, vector, decision,
                score, reasons, decided_by, arrival, backfill, attempted_at, decided_at)
            select 'past-' || n, 'past-c' || n, 'past-d', 100, 'GBP', 100, 'GBP', '{}', 'Allow', 0, '[]', 'rules',
                'Bus', false, now() - interval '1 day' * n * 20, now()
            from generate_series(0, 2) as n;
            """);

        await using var fraud = await ServiceHost.StartAsync(
            app => app.AddFraud(),
            app => app.MapFraud(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = database.ConnectionString,
                ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
                ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            });
        var decision = await fraud.Services.GetRequiredService<DecisionStore>().DecideAsync(
            FraudFixture.Payment("past-4", "past-c4", "past-d", TimeProvider.System.GetUtcNow()),
            Arrival.Request,
            CancellationToken.None);

        // The third one paid too long ago to tie.
        Assert.Equal(3, decision.Vector["ring_customers_with_this"]);
        Assert.Equal(2, decision.Vector["ring_new_customers_7d_with_this"]);
        Assert.Equal(3, await connection.QuerySingleAsync<int>("select customers from rings"));
        Assert.Equal(4, await connection.QuerySingleAsync<int>("select count(*)::integer from ring_customers"));
    }

    // As the migrator does, but only so far.
    private static void MigrateTo(string last, string connectionString)
    {
        var result = DeployChanges.To
            .PostgresqlDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(typeof(Migrator).Assembly, IsMigration)
            .WithScriptsEmbeddedInAssembly(
                typeof(FraudOptions).Assembly,
                name => IsMigration(name)
                    && string.CompareOrdinal(name.Split(".Migrations.")[1][..last.Length], last) <= 0)
            .JournalToPostgresqlTable("fraud", "schema_migrations")
            .WithVariablesDisabled()
            .Build()
            .PerformUpgrade();
        Assert.True(result.Successful, result.Error?.Message);
    }

    private static bool IsMigration(string resource) =>
        resource.Contains(".Migrations.", StringComparison.Ordinal)
        && resource.EndsWith(".sql", StringComparison.Ordinal);

    // As the release before windows and cases wrote it.
    private static async Task<Guid> RaiseAsync(
        NpgsqlDataSource source, string paymentId, string state, bool isPublished)
    {
        const string Sql = """
            insert into decisions (
                payment_id, amount, currency, base_amount, base_currency, vector, decision, score, reasons, decided_by,
                arrival, backfill, attempted_at, decided_at)
            values (
                @paymentId, 2600, 'EUR', 2208, 'GBP', '{"card_payments_1h": null, "amount": 2600.5}', 'Block', 0.97,
                '[]', 'rules-of-then', 'Bus', false, now(), now());
            insert into alerts (alert_id, payment_id, state, body, raised_at, published_at)
            values (@id, @paymentId, @state, @body, now(), case when @isPublished then now() end);
            """;

        var id = Guid.NewGuid();
        var body = $$"""
            {"alertId": "{{id}}", "paymentId": "{{paymentId}}", "customerId": "17850", "decision": "Block",
             "score": 0.97,
             "amount": {"amount": 2600, "currency": "EUR", "baseAmount": 2208, "baseCurrency": "GBP"},
             "reasons": [{"code": "card_velocity_1h", "text": "Six payments.", "value": 6, "threshold": 4}],
             "raisedAt": "2026-03-01T10:02:00+00:00", "traceId": null}
            """;
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(Sql, new { paymentId, id, state, body, isPublished });
        return id;
    }
}
