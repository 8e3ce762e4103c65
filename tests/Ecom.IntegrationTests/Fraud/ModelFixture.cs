using System.Collections.Concurrent;
using Ecom.Algorithms.Fraud;
using Ecom.Contracts.Fraud;
using Ecom.Contracts.Models;
using Ecom.Fraud;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>
/// Two replicas of fraud, and what they ask training for: artefacts, and who is challenger. What training itself does
/// is tested with it.
/// </summary>
public sealed class ModelFixture : IAsyncLifetime
{
    private readonly Backends _backends = new();
    private readonly ConcurrentDictionary<int, byte[]> _artefacts = [];
    private readonly string _storage = Directory.CreateTempSubdirectory("ecom-models").FullName;
    private readonly ConcurrentQueue<object> _heard = [];
    private WebApplication _training = null!;
    private int _challenger;

    internal ServiceHost First { get; private set; } = null!;

    internal ServiceHost Second { get; private set; } = null!;

    internal TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _backends.InitializeAsync();
        Database = await _backends.CreateDatabaseAsync("fraud");
        await StartTrainingAsync();
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = Database.ConnectionString,
            ["ConnectionStrings:Redis"] = await _backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await _backends.CreateVirtualHostAsync()).ToString(),
            ["Services:Training"] = _training.Urls.First(),
            ["Storage:Path"] = _storage,
            ["Fraud:Model:CheckInterval"] = "00:00:00.300",
            ["Fraud:Model:LeastPayments"] = "50",
            ["Fraud:Model:DriftPayments"] = "100",
            ["Fraud:LabelMaturity"] = "01:00:00",
        };
        First = await ServiceHost.StartAsync(app => app.AddFraud(), app => app.MapFraud(), configuration);
        Second = await ServiceHost.StartAsync(app => app.AddFraud(), app => app.MapFraud(), configuration);
        var ear = First.Services.GetRequiredService<IBus>().ConnectReceiveEndpoint("test-ear", endpoint =>
        {
            Hear<PaymentScored>(endpoint);
            Hear<TrainModel>(endpoint);
            Hear<ModelOutcomesMeasured>(endpoint);
        });
        await ear.Ready;
    }

    public async Task DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await _training.DisposeAsync();
        await _backends.DisposeAsync();
        Directory.Delete(_storage, recursive: true);
    }

    /// <summary>Publishes that a version was promoted.</summary>
    /// <param name="version">Its number.</param>
    /// <param name="model">What training gives away for it; null: nothing, as if its file were lost.</param>
    /// <param name="at">When.</param>
    internal Task PromoteAsync(int version, FraudModel? model, DateTimeOffset at)
    {
        var artefact = model is null ? [1, 2, 3] : PlantedFraudModel.ToBytes(model);
        if (model is not null)
        {
            _artefacts[version] = artefact;
        }

        return PublishAsync(new ModelPromoted
        {
            Model = "fraud",
            Version = version,
            Trainer = "fraud-trees",
            ArtefactPath = $"/artefacts/{version}",
            ArtefactSha256 = PlantedFraudModel.Sha256(artefact),
            PromotedBy = "gate",
            PromotedAt = at,
        });
    }

    /// <summary>Publishes that a version was trained that did not pass its gate.</summary>
    internal Task TrainAsync(int version, FraudModel model)
    {
        _artefacts[version] = PlantedFraudModel.ToBytes(model);
        _challenger = version;
        return PublishAsync(new ModelTrained
        {
            Model = "fraud",
            Version = version,
            Trainer = "fraud-logistic",
            RunId = Guid.NewGuid(),
            PassedGate = false,
            Metrics = new Dictionary<string, double> { ["ap"] = 0.1 },
            TrainedAt = TimeProvider.System.GetUtcNow(),
        });
    }

    /// <summary>Waits for the one message that fits, and a moment more for a second one.</summary>
    internal async Task<T> HearAsync<T>(Func<T, bool> fits)
    {
        await Eventually.BeTrueAsync(() => Task.FromResult(_heard.OfType<T>().Any(fits)));
        await Task.Delay(300);
        return Assert.Single(_heard.OfType<T>(), message => fits(message));
    }

    private void Hear<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        endpoint.Handler<T>(context =>
        {
            _heard.Enqueue(context.Message);
            return Task.CompletedTask;
        });

    private Task PublishAsync<T>(T message)
        where T : class => First.Services.GetRequiredService<IBus>().Publish(message);

    private async Task StartTrainingAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        _training = builder.Build();
        _training.MapGet("/v1/models/fraud/challenger", () => _challenger == 0
            ? Results.NotFound()
            : Results.Ok(new
            {
                version = _challenger,
                trainer = "fraud-logistic",
                artefactPath = $"/artefacts/{_challenger}",
                artefactSha256 = PlantedFraudModel.Sha256(_artefacts[_challenger]),
            }));
        _training.MapGet("/artefacts/{version:int}", (int version) =>
            _artefacts.TryGetValue(version, out var artefact) ? Results.Bytes(artefact) : Results.NotFound());
        await _training.StartAsync();
    }
}
