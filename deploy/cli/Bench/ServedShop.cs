using System.Text.Json.Nodes;
using Ecom.Cli.Commands;
using Ecom.Cli.Demo;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;
using Ecom.Simulator;

namespace Ecom.Cli.Bench;

/// <summary>A running system with a shop in it and a promoted recommender, whose lists are made.</summary>
internal sealed class ServedShop(SystemClient client, IngestionTarget target)
{
    private static readonly string[] _trainers = ["popularity", "item-knn", "blend"];
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(1);

    /// <summary>Takes the shop that is there; loads and trains the simulated one if there is none.</summary>
    public async Task<ImportedShop> PrepareAsync(Action<string> report, CancellationToken cancellation)
    {
        if (SavedShop.Load(ImportCommand.StateFolder) is null)
        {
            report("loading the simulated shop");
            var gateway = IngestionGateway.Connect(target.Address, target.Key, TimeProvider.System);
            await new SimulationRun(gateway, TimeProvider.System, ImportCommand.StateFolder)
                .LoadHistoryAsync(new ShopOptions(), rate: 0, (_, _, _) => { }, cancellation);
            await new Backlog(client).DrainAsync(report, cancellation);
        }

        if (!await IsServedAsync(cancellation))
        {
            await new DemoTraining(client).RunAsync(_trainers, report, cancellation);
            report("waiting for the lists of every customer");
            while (!await IsServedAsync(cancellation))
            {
                await Task.Delay(_poll, cancellation);
            }
        }

        return SavedShop.Load(ImportCommand.StateFolder)
            ?? throw new SetupException("The loaded shop was not kept: run ./ecom demo.");
    }

    private async Task<bool> IsServedAsync(CancellationToken cancellation)
    {
        var generations = await client.GetAsync("recommendation", "/v1/generations", cancellation);
        return generations is JsonArray rows
            && rows.Any(row => row?["state"]?.GetValue<string>() == "current" && row["customers"]?.GetValue<int>() > 0);
    }
}
