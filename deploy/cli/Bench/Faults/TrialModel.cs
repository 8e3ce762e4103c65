using System.Security.Cryptography;
using System.Text.Json;
using Ecom.Algorithms.Classification;
using Ecom.Algorithms.Fraud;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;
using Ecom.Contracts.Models;
using Ecom.Features.Payments;
using RabbitMQ.Client;

namespace Ecom.Cli.Bench.Faults;

/// <summary>
/// A model of fraud for a trial, learnt from chance: what it says is worth nothing, but it says something else of every
/// payment, and all of it must follow from the stored vector.
/// </summary>
/// <param name="instance">A system of no other use: its versions are no longer those of training.</param>
/// <param name="broker">Its broker.</param>
/// <param name="client">Asks its services.</param>
/// <param name="clock">Tells since when it is promoted.</param>
internal sealed class TrialModel(InstanceDirectory instance, Uri broker, SystemClient client, TimeProvider clock)
{
    private const int Version = 1;
    private const int Rows = 4_000;
    private const double Frauds = 0.02;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Lays the model down where the service keeps models, promotes it and waits until it serves.</summary>
    public async Task ServeAsync(FraudModel model, CancellationToken cancellation)
    {
        using var file = new MemoryStream();
        model.Write(file);
        var artefact = file.ToArray();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(artefact));
        var folder = Directory.CreateDirectory(
            Path.Combine(instance.Root, "storage", "fraud", "artefacts")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, sha256), artefact, cancellation);
        await PromoteAsync(sha256, cancellation);
        for (var attempt = 0; attempt < 150; attempt++)
        {
            var models = await client.GetAsync("fraud", "/v1/models", cancellation);
            if (models?["serving"]?.GetValue<int>() == Version)
            {
                return;
            }

            await Task.Delay(_poll, cancellation);
        }

        throw new SetupException($"The model does not serve.\n{instance.LogTail("fraud")}");
    }

    private static double ValueOf(string name, Random random) =>
        random.NextDouble() < 0.1 ? double.NaN
        : name.Contains("amount", StringComparison.Ordinal) ? random.NextDouble() * 30_000
        : name.Contains("_since_", StringComparison.Ordinal) ? random.NextDouble() * 1_000_000
        : random.Next(6);

    /// <summary>A model of a hundred small trees.</summary>
    public static FraudModel Make(int seed, DateTimeOffset now, CancellationToken cancellation)
    {
        var (random, names) = (new Random(seed), PaymentRisk.Names);
        var rows = Enumerable.Range(0, Rows)
            .SelectMany(_ => names.Select(name => (float)ValueOf(name, random))).ToArray();
        var labels = Enumerable.Range(0, Rows).Select(_ => random.NextDouble() < Frauds).ToArray();
        var trees = GradientBoosting.Fit(
            rows, names.Count, labels, new GradientBoostingOptions { Trees = 100, Leaves = 8 }, cancellation);
        return Make(rows, trees, new PlattCalibration(1, 0), labels, now);
    }

    /// <summary>A model that no drift suspends: what is sent is other than what it learnt from.</summary>
    public static FraudModel Make(
        float[] rows, TreeEnsemble trees, PlattCalibration calibration, bool[] labels, DateTimeOffset now)
    {
        var names = PaymentRisk.Names;
        var bins = new ReferenceBins([], [0, 1]);
        return new FraudModel(
            names,
            trees,
            calibration,
            new FraudReference([.. names.Select(_ => bins)], bins),
            new TrainedOn(now.AddDays(-30), now, labels.Length, labels.Count(label => label)),
            AnomalyModel.Fit(rows, names.Count, PaymentRisk.Unlabelled));
    }

    private async Task PromoteAsync(string sha256, CancellationToken cancellation)
    {
        var promoted = new ModelPromoted
        {
            Model = "fraud",
            Version = Version,
            Trainer = "fraud-trees",
            ArtefactPath = $"/v1/models/fraud/versions/{Version}/artefact",
            ArtefactSha256 = sha256,
            PromotedBy = "bench",
            PromotedAt = clock.GetUtcNow(),
        };
        var exchange = $"{typeof(ModelPromoted).Namespace}:{nameof(ModelPromoted)}";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new { messageId = Guid.NewGuid(), messageType = new[] { $"urn:message:{exchange}" }, message = promoted },
            JsonSerializerOptions.Web);
        var factory = new ConnectionFactory { Uri = broker };
        await using var connection = await factory.CreateConnectionAsync(cancellation);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellation);
        await channel.BasicPublishAsync(
            exchange,
            string.Empty,
            mandatory: true,
            new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true },
            body,
            cancellation);
    }
}
