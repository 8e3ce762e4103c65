using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Ecom.Ingestion;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

/// <summary>The ingestion service with a database and a virtual host of its own.</summary>
public sealed class IngestionFixture : IAsyncLifetime
{
    private readonly Backends _backends = new();
    private ServiceHost? _service;

    public ServiceHost Service => _service ?? throw new InvalidOperationException("Not started.");

    public NpgsqlDataSource Database { get; private set; } = null!;

    public TestDatabase TestDatabase { get; private set; } = null!;

    public Uri VirtualHost { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _backends.InitializeAsync();
        TestDatabase = await _backends.CreateDatabaseAsync("ingestion");
        VirtualHost = await _backends.CreateVirtualHostAsync();
        Database = NpgsqlDataSource.Create(TestDatabase.ConnectionString);
        _service = await StartReplicaAsync();
    }

    /// <summary>Starts a replica of the service on the same database.</summary>
    public Task<ServiceHost> StartReplicaAsync() => StartAsync(TestDatabase, null);

    /// <summary>Starts the service on a database of its own.</summary>
    public async Task<(ServiceHost Service, NpgsqlDataSource Database)> StartAloneAsync(
        Uri? broker = null, params (string Key, string Value)[] more)
    {
        var database = await _backends.CreateDatabaseAsync("ingestion");
        return (await StartAsync(database, broker, more), NpgsqlDataSource.Create(database.ConnectionString));
    }

    /// <summary>Starts the service on a database of its own, with a clock that the test sets.</summary>
    public async Task<(ServiceHost Service, NpgsqlDataSource Database)> StartAtAsync(
        TimeProvider clock, params (string Key, string Value)[] more)
    {
        var database = await _backends.CreateDatabaseAsync("ingestion");
        return (await StartAsync(database, null, more, clock), NpgsqlDataSource.Create(database.ConnectionString));
    }

    /// <summary>Starts the service on a database that is given.</summary>
    public Task<ServiceHost> StartOnAsync(TestDatabase database, TimeProvider? clock = null) =>
        StartAsync(database, null, null, clock);

    /// <summary>A database for the service on the shared server.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => _backends.CreateDatabaseAsync("ingestion");

    private Task<ServiceHost> StartAsync(
        TestDatabase database, Uri? broker, (string Key, string Value)[]? more = null, TimeProvider? clock = null)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = database.ConnectionString,
            ["ConnectionStrings:RabbitMq"] = (broker ?? VirtualHost).ToString(),
        };
        foreach (var (key, value) in more ?? [])
        {
            configuration[key] = value;
        }

        return ServiceHost.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton(clock ?? TimeProvider.System);
                builder.AddIngestion();
            },
            app => app.MapIngestion(),
            configuration);
    }

    public Task<Reply> SendAsync(string path, string json, string? scope = "ingest", HttpMethod? method = null) =>
        SendAsync(Service, path, json, scope, method);

    public static async Task<Reply> SendAsync(
        ServiceHost service, string path, string json, string? scope = "ingest", HttpMethod? method = null)
    {
        using var client = service.CreateClient(scope);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Reply(
            (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers,
            text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public Task<JsonElement> GetAsync(string path, string scope) => GetAsync(Service, path, scope);

    public static async Task<JsonElement> GetAsync(ServiceHost service, string path, string scope)
    {
        using var client = service.CreateClient(scope);
        return await client.GetFromJsonAsync<JsonElement>(path);
    }

    public async Task<T> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, parameters))!;
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await Database.DisposeAsync();
        await _backends.DisposeAsync();
    }

    /// <summary>A valid view as JSON.</summary>
    public static string View(string messageId, string userId = "u1", string productId = "p1") => $$"""
        {"type":"track","event":"Product Viewed","messageId":"{{messageId}}","userId":"{{userId}}",
         "properties":{"product_id":"{{productId}}"} }
        """;

    /// <summary>A batch of events as JSON.</summary>
    public static string Batch(params string[] events) => $$"""{"batch":[{{string.Join(',', events)}}] }""";
}

/// <summary>An answer of the service.</summary>
public sealed record Reply(int Status, string? MediaType, HttpResponseHeaders Headers, JsonElement Body)
{
    public JsonElement Result(int index) => Body.GetProperty("results")[index];

    public string StatusOf(int index) => Result(index).GetProperty("status").GetString()!;

    public string? ReasonOf(int index) => Result(index).GetProperty("reason").GetString();
}
