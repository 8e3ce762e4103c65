using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Console;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Console;

public sealed class OwnTelemetryTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task A_console_that_exports_to_itself_traces_its_api_and_neither_exports_nor_pages()
    {
        var database = await backends.CreateDatabaseAsync("console");
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        await using var console = await ServiceHost.StartAsync(
            builder => builder.AddConsole(),
            app => app.MapConsole(),
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Postgres"] = database.ConnectionString,
                ["Console:FlushInterval"] = "00:00:00.020",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address.ToString(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = $"X-Api-Key={ServiceHost.KeyOf(Scopes.Ingest)}",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            },
            address);
        using var ops = console.CreateClient(Scopes.Ops);
        await ops.GetStringAsync("/login");
        await ops.GetFromJsonAsync<JsonElement>("/v1/traces?orderId=any");

        await Eventually.BeTrueAsync(async () => (await RequestsAsync(database, address)).Count > 0);
        await Task.Delay(TimeSpan.FromSeconds(1));

        Assert.Equal(["GET /v1/traces"], await RequestsAsync(database, address));
        Assert.Empty(await ReadAsync(
            database, "select name from spans where attributes::text like '%into ' || 'spans%'"));
    }

    // Other hosts of the test process make spans too: the port tells whose they are.
    private static Task<List<string>> RequestsAsync(TestDatabase database, Uri address) => ReadAsync(
        database,
        $"""
        select name from spans
        where scope = 'Microsoft.AspNetCore' and attributes ->> 'server.port' = '{address.Port}'
        """);

    private static async Task<List<string>> ReadAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
