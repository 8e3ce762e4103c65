using Ecom.Cli.Commands;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Ecom.Simulator;

namespace Ecom.Cli.Demo;

/// <summary>The main job: start everything, load a shop, train, and let every service answer.</summary>
internal sealed class DemoRun(DemoOptions options, TimeProvider clock)
{
    // Each must beat the champion and the baseline on held-out data; the best of them ends up serving.
    private static readonly string[] _trainers = ["popularity", "item-knn", "als", "blend", "segments"];

    // Half a year of a small shop has few frauds, and half of its disputes take longer than a month: longer parts,
    // fewer frauds in each, and small trees.
    private static readonly object _fraudOptions = new
    {
        testDays = 30,
        calibrationDays = 30,
        labelMaturityDays = 40,
        minimumFrauds = 10,
        trees = 60,
        depth = 3,
        learningRate = 0.05,
    };

    private readonly InstanceDirectory _instance = new(Repository.MainInstance);

    public async Task<DemoSummary> RunAsync(CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        var system = new EcomSystem(_instance);
        await Terminal.RunAsync("starting", report => system.UpAsync(
            new UpOptions { Docker = options.Docker, SampleRatio = 1 }, report, cancellation));

        using var client = new SystemClient(_instance);
        var history = await LoadAsync(cancellation);
        await StepAsync("processing the history", report => new Backlog(client).DrainAsync(report, cancellation));
        string? noFraudModel = null;
        await StepAsync("training", async report =>
        {
            var training = new DemoTraining(client);
            await training.RunAsync(_trainers, report, cancellation);
            noFraudModel = await training.TryRunAsync("fraud-trees", _fraudOptions, report, cancellation);
        });
        var onTop = await SendOnTopAsync(cancellation);
        await StepAsync("deciding", async report =>
        {
            await new Backlog(client).DrainAsync(report, cancellation);
            await new DemoDecisions(client).PrepareAsync(report, cancellation);
        });

        var shop = SavedShop.Load(ImportCommand.StateFolder)
            ?? throw new SetupException("The loaded shop was not kept: run the demo again.");
        var answers = await new DemoAnswers(client).CollectAsync(
            history, onTop, shop, () => clock.GetElapsedTime(started).TotalSeconds, cancellation);
        return answers with { NoFraudModel = noFraudModel };
    }

    private Task<ImportReport> LoadAsync(CancellationToken cancellation) =>
        TransferDisplay.RunAsync(silent: false, progress =>
        {
            if (options.Data is not { } file)
            {
                return SimulationTo("simulator").LoadHistoryAsync(options.Shop, rate: 0, progress, cancellation);
            }

            var target = IngestionTarget.Resolve(null, null, "importer");
            var gateway = IngestionGateway.Connect(target.Address, target.Key, clock);
            return new OnlineRetailImport(gateway, clock, ImportCommand.StateFolder)
                .RunAsync(file, target.Address, options.KeepDates, progress, cancellation);
        });

    private Task<ImportReport> SendOnTopAsync(CancellationToken cancellation) =>
        TransferDisplay.RunAsync(silent: false, progress => SimulationTo("simulator").RunOnTopAsync(
            new OnTopOptions { Seed = options.Shop.Seed }, rate: 0, progress, cancellation));

    private SimulationRun SimulationTo(string client)
    {
        var target = IngestionTarget.Resolve(null, null, client);
        return new SimulationRun(
            IngestionGateway.Connect(target.Address, target.Key, clock), clock, ImportCommand.StateFolder);
    }

    private static Task StepAsync(string title, Func<Action<string>, Task> work) => Terminal.RunAsync(title, report =>
    {
        report(title);
        return work(report);
    });
}
