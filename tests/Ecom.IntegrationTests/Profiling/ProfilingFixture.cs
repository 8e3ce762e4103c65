using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Ecom.Algorithms.Segmentation;
using Ecom.Contracts.Models;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Profiles;
using Ecom.Profiling;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Ecom.IntegrationTests.Profiling;

/// <summary>Profiling in process on servers of its own, a stand-in for training, and an ear on the bus.</summary>
public abstract class ProfilingFixture(Backends backends) : IClassFixture<Backends>, IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, byte[]> _artefacts = [];
    private readonly string _storage = Directory.CreateTempSubdirectory("ecom-profiling-").FullName;
    private Dictionary<string, string?> _configuration = [];
    private WebApplication? _training;
    private ServiceHost? _service;
    private IBusControl? _ear;

    protected static DateTimeOffset Now { get; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    protected ServiceHost Service => _service!;

    protected string Database => _configuration["ConnectionStrings:Postgres"]!;

    protected string Redis => _configuration["ConnectionStrings:Redis"]!;

    /// <summary>What profiling published about profiles and segments, in the order of arrival.</summary>
    protected ConcurrentQueue<object> Heard { get; } = [];

    /// <summary>Segments that profiling told without a live change.</summary>
    protected ConcurrentQueue<SegmentsAssigned> Assigned { get; } = [];

    public async Task InitializeAsync()
    {
        _training = WebApplication.CreateSlimBuilder().Build();
        _training.Urls.Add("http://127.0.0.1:0");
        _training.MapGet("/artefacts/{sha}", (string sha) =>
            _artefacts.TryGetValue(sha, out var artefact) ? Results.Bytes(artefact) : Results.NotFound());
        await _training.StartAsync();

        var broker = await backends.CreateVirtualHostAsync();
        _configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("profiling")).ConnectionString,
            ["ConnectionStrings:Redis"] = await StartRedisAsync(backends),
            ["ConnectionStrings:RabbitMq"] = broker.ToString(),
            ["Services:Training"] = _training.Urls.First(),
            ["Storage:Path"] = _storage,
            ["Profiling:AgingInterval"] = "00:00:01",
            ["Profiling:MinimumBaskets"] = "2",
            ["Profiling:MinimumConfidence"] = "0.5",
        };
        _service = await StartServiceAsync();
        _ear = Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(broker);
            bus.ReceiveEndpoint("ear", queue =>
            {
                queue.Handler<CustomerProfileChanged>(context => Hear(context.Message));
                queue.Handler<CustomerEnteredSegment>(context => Hear(context.Message));
                queue.Handler<CustomerLeftSegment>(context => Hear(context.Message));
                queue.Handler<SegmentsAssigned>(context =>
                {
                    Assigned.Enqueue(context.Message);
                    return Task.CompletedTask;
                });
            });
        });
        await _ear.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _ear!.StopAsync();
        await _service!.DisposeAsync();
        await _training!.DisposeAsync();
        Directory.Delete(_storage, recursive: true);
    }

    /// <summary>Connection string of Redis.</summary>
    protected virtual Task<string> StartRedisAsync(Backends backends) => backends.CreateRedisDatabaseAsync();

    protected Task<ServiceHost> StartServiceAsync() => ServiceHost.StartAsync(
        app => app.AddProfiling(), app => app.MapProfiling(), _configuration);

    protected Task PublishAsync<T>(T message)
        where T : class
    {
        var id = message is OrderPlaced order ? order.EventId : Guid.NewGuid();
        return PublishAsync(message, id);
    }

    protected async Task PublishAsync<T>(T message, Guid id)
        where T : class =>
        await Service.Services.GetRequiredService<IBus>().Publish(message, context => context.MessageId = id);

    /// <summary>Promotes a segmentation with one segment around each of the given spendings, in minor units.</summary>
    protected async Task<ModelPromoted> PromoteAsync(int version, params (string Name, double Spent)[] segments)
    {
        var model = new SegmentModel
        {
            Scaling = new RfmScaling([0, 0, 0], [1_000, 1_000, 1]),
            Segments = [.. segments.Select(one => new Segment(one.Name, [0, 0, Math.Log(1 + one.Spent)], 1))],
            Choices = [],
        };
        using var stream = new MemoryStream();
        model.Write(stream);
        var promoted = Promotion(version, Convert.ToHexStringLower(SHA256.HashData(stream.ToArray())));
        _artefacts[promoted.ArtefactSha256] = stream.ToArray();
        await PublishAsync(promoted);
        return promoted;
    }

    /// <summary>Promotes a version whose artefact cannot be loaded.</summary>
    protected Task PromoteDamagedAsync(int version)
    {
        var promoted = Promotion(version, Convert.ToHexStringLower(SHA256.HashData("expected"u8)));
        _artefacts[promoted.ArtefactSha256] = [1, 2, 3];
        return PublishAsync(promoted);
    }

    protected Task<Profile> ReadProfileAsync(
        string customer, Func<Profile, bool> fits, ServiceHost? replica = null) =>
        Eventually.ReadAsync(
            async () =>
            {
                var client = (replica ?? Service).CreateClient("read");
                using var answer = await client.GetAsync($"/v1/customers/{customer}/profile");
                return answer.IsSuccessStatusCode
                    ? (await answer.Content.ReadFromJsonAsync<Profile>(JsonSerializerOptions.Web))!
                    : Profile.None;
            },
            fits);

    private static ModelPromoted Promotion(int version, string sha) => new()
    {
        Model = "segments",
        Version = version,
        Trainer = "segments",
        ArtefactPath = $"/artefacts/{sha}",
        ArtefactSha256 = sha,
        PromotedBy = "test",
        PromotedAt = Now.AddMinutes(version),
    };

    private Task Hear(object message)
    {
        Heard.Enqueue(message);
        return Task.CompletedTask;
    }

    protected sealed record Profile(
        string CustomerId,
        string? Country,
        string? Segment,
        int? SegmentVersion,
        int Orders,
        long Spent,
        long Refunded,
        int? RecencyDays,
        long Views,
        long Carts)
    {
        public static Profile None { get; } = new("", null, null, null, -1, -1, -1, null, -1, -1);
    }
}
