using System.CommandLine;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom import</c></summary>
internal static class ImportCommand
{
    /// <summary>Where unfinished imports and the shop that was loaded last are kept.</summary>
    public static string StateFolder => Path.Combine(Repository.MainInstance, "imports");

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The file, plain or gzipped CSV." };
        var keepDates = new Option<bool>("--keep-dates")
        {
            Description = "Leaves dates as they are; else all move by whole weeks, so that the last is recent.",
        };
        var url = new Option<string?>("--url")
        {
            Description = "Address of ingestion; else that of the running system.",
        };
        var key = new Option<string?>("--key") { Description = "API key with the scope ingest." };
        var json = new Option<bool>("--json") { Description = "Prints JSON instead of progress and a table." };
        var retail = new Command("online-retail", "Invoices in the format of the UCI data set Online Retail.")
        {
            file, keepDates, url, key, json,
        };
        retail.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(file),
            parsed.GetValue(keepDates),
            IngestionTarget.Resolve(parsed.GetValue(url), parsed.GetValue(key), "importer"),
            parsed.GetValue(json),
            cancellation));
        return new Command("import", "Loads a shop's history from a file. Interrupted, it goes on where it was.")
        {
            retail,
        };
    }

    private static async Task<int> RunAsync(
        string file, bool keepDates, IngestionTarget target, bool json, CancellationToken cancellation)
    {
        var gateway = IngestionGateway.Connect(target.Address, target.Key, TimeProvider.System);
        var import = new OnlineRetailImport(gateway, TimeProvider.System, StateFolder);
        var report = await TransferDisplay.RunAsync(json, progress =>
            import.RunAsync(file, target.Address, keepDates, progress, cancellation));
        return TransferDisplay.Show(report, json);
    }
}
