using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Ecom.Training;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Ecom.IntegrationTests.Training;

/// <summary>Training with a feature store that answers what the test wants, and an ear on the bus.</summary>
internal sealed class TrainingFixture : IAsyncDisposable
{
    private readonly ConcurrentQueue<object> _heard = [];
    private readonly TaskCompletionSource _released = new();
    private readonly string _storage = Directory.CreateTempSubdirectory("ecom-training-").FullName;
    private readonly List<ServiceHost> _replicas = [];
    private WebApplication? _featureStore;
    private Dictionary<string, string?> _configuration = [];

    /// <summary>What <c>/v1/history/interactions</c> gives; null never ends.</summary>
    public byte[]? Interactions { get; set; } = PlantedTastes.ToBody(PlantedTastes.Lines());

    /// <summary>What <c>/v1/history/orders</c> gives.</summary>
    public byte[] Orders { get; set; } = [];

    public ServiceHost Service => _replicas[0];

    /// <summary>Where another service hears what this one publishes.</summary>
    public string Broker => _configuration["ConnectionStrings:RabbitMq"]!;

    /// <summary>Key that the feature store was shown last.</summary>
    public string? KeySeen { get; private set; }

    public static async Task<TrainingFixture> StartAsync(
        Backends backends, params (string Key, string? Value)[] options)
    {
        var fixture = new TrainingFixture();
        await fixture.StartFeatureStoreAsync();
        var database = await backends.CreateDatabaseAsync("training");
        fixture._configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = database.ConnectionString,
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            ["Services:FeatureStore"] = fixture._featureStore!.Urls.First(),
            ["Storage:Path"] = fixture._storage,
            ["Training:PollInterval"] = "00:00:00.2",
            ["Training:LeaseDuration"] = "00:00:02",
            ["Training:Threads"] = "1",
        };
        foreach (var (key, value) in options)
        {
            fixture._configuration[key] = value;
        }

        await fixture.AddReplicaAsync();
        await fixture.ListenAsync();
        return fixture;
    }

    public async Task<ServiceHost> AddReplicaAsync()
    {
        var replica = await ServiceHost.StartAsync(
            builder => builder.AddTraining(), app => app.MapTraining(), _configuration);
        _replicas.Add(replica);
        return replica;
    }

    public string ArtefactFile(string model, int version) =>
        Path.Combine(_storage, "artefacts", model, $"{version}.bin");

    public bool HasWorkLeft() => Directory.EnumerateFileSystemEntries(Path.Combine(_storage, "work")).Any();

    /// <summary>Messages of a type that were published so far.</summary>
    public T[] Heard<T>() => [.. _heard.OfType<T>()];

    public async Task<T> HearAsync<T>(Func<T, bool> fits)
        where T : class
    {
        var all = await Eventually.ReadAsync(() => Task.FromResult(Heard<T>()), heard => heard.Any(fits));
        return all.First(fits);
    }

    public Task PublishAsync<T>(T message, Guid? messageId = null)
        where T : class =>
        Service.Services.GetRequiredService<IBus>().Publish(
            message, context => context.MessageId = messageId ?? Guid.NewGuid());

    public async Task<JsonElement> GetAsync(string path)
    {
        using var client = Service.CreateClient("read");
        return await client.GetFromJsonAsync<JsonElement>(path);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, object body, string? scope = "ops")
    {
        using var client = Service.CreateClient(scope);
        return await client.PostAsJsonAsync(path, body);
    }

    public async Task<Guid> StartRunAsync(string trainer, object? options = null)
    {
        using var answer = await PostAsync("/v1/runs", new { trainer, options });
        Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runId").GetGuid();
    }

    public Task<JsonElement> WaitForAsync(Guid run, string state) => Eventually.ReadAsync(
        () => GetAsync($"/v1/runs/{run}"), answer => answer.GetProperty("state").GetString() == state, seconds: 60);

    /// <summary>Trains and waits for the version.</summary>
    public async Task<JsonElement> TrainAsync(string trainer, object? options = null)
    {
        var run = await StartRunAsync(trainer, options);
        var ended = await Eventually.ReadAsync(
            () => GetAsync($"/v1/runs/{run}"),
            answer => answer.GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled",
            seconds: 60);
        Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.ToString());
        var versions = await GetAsync($"/v1/models/{ended.GetProperty("model").GetString()}/versions");
        return versions.EnumerateArray().Single(version => version.GetProperty("runId").GetGuid() == run);
    }

    public async Task<int> ChampionAsync(string model = "recommendation") =>
        (await GetAsync($"/v1/models/{model}/champion")).GetProperty("version").GetInt32();

    /// <summary>Runs a statement as the service's own role.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = Service.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _released.TrySetResult();
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await _featureStore!.DisposeAsync();
        Directory.Delete(_storage, recursive: true);
    }

    private async Task StartFeatureStoreAsync()
    {
        _featureStore = WebApplication.CreateSlimBuilder().Build();
        _featureStore.Urls.Add("http://127.0.0.1:0");
        _featureStore.MapGet("/v1/history/interactions", AnswerAsync);
        _featureStore.MapGet("/v1/history/orders", () => Results.Bytes(Orders, "application/x-ndjson"));
        await _featureStore.StartAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        KeySeen = context.Request.Headers["X-Api-Key"];
        context.Response.ContentType = "application/x-ndjson";
        if (Interactions is { } body)
        {
            await context.Response.BodyWriter.WriteAsync(body);
            return;
        }

        await context.Response.BodyWriter.WriteAsync(PlantedTastes.ToBody(PlantedTastes.Lines().Take(1)));
        await Task.WhenAny(_released.Task, Task.Delay(Timeout.Infinite, context.RequestAborted));
    }

    private async Task ListenAsync()
    {
        var ear = Service.Services.GetRequiredService<IBus>().ConnectReceiveEndpoint("test-ear", endpoint =>
        {
            Hear<Ecom.Contracts.Models.ModelTrained>(endpoint);
            Hear<Ecom.Contracts.Models.ModelPromoted>(endpoint);
            Hear<Ecom.Contracts.Models.ModelRolledBack>(endpoint);
            Hear<Ecom.Contracts.Models.ModelQualityDegraded>(endpoint);
        });
        await ear.Ready;
    }

    private void Hear<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        endpoint.Handler<T>(context =>
        {
            _heard.Enqueue(context.Message);
            return Task.CompletedTask;
        });
}
