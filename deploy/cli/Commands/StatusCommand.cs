using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ecom.Cli.Services;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom status</c></summary>
internal static class StatusCommand
{
    private const double BytesPerMegabyte = 1024 * 1024;
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Prints JSON instead of a table." };
        var command = new Command("status", "Shows services and servers. Returns 1 if a service is down.") { json };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool json, CancellationToken cancellation)
    {
        var processes = await EcomSystem.OfCheckout().StatusAsync(cancellation);
        if (json)
        {
            Terminal.Write(JsonSerializer.Serialize(processes, _json));
        }
        else
        {
            AnsiConsole.Write(Table(processes));
        }

        return processes.All(process => process.Ready || process.Kind == "server") ? 0 : 1;
    }

    private static Table Table(IReadOnlyList<ProcessStatus> processes)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns("name", "kind", "pid", "port", "state");
        table.AddColumn(new TableColumn("memory").RightAligned());
        foreach (var process in processes)
        {
            table.AddRow(
                Markup.Escape(process.Name),
                process.Kind,
                process.ProcessId is { } id ? id.ToString(CultureInfo.InvariantCulture) : "–",
                process.Port is { } port ? port.ToString(CultureInfo.InvariantCulture) : "–",
                process switch
                {
                    { Ready: true } => "[green]ready[/]",
                    { ProcessId: not null } => "[yellow]not ready[/]",
                    _ => "[grey]down[/]",
                },
                process.ProcessId is null ? "–" : $"{process.MemoryBytes / BytesPerMegabyte:0} MB");
        }

        return table;
    }
}
