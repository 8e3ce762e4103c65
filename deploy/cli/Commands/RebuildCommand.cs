using System.CommandLine;
using System.Text.Json;
using Ecom.Cli.Demo;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom rebuild</c></summary>
internal static class RebuildCommand
{
    private const int DefaultVerified = 10_000;
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly Argument<string> _service = new("service")
    {
        Description = $"One of: {string.Join(", ", Rebuild.Services)}.",
    };

    private static readonly Option<int?> _verify = new("--verify")
    {
        Description = $"Compares so many entities with the generation before, bit for bit; default {DefaultVerified}.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> _fromLog = new("--from-log")
    {
        Description = "Fills feature-store's history from ingestion's log first.",
    };

    private static readonly Option<bool> _asJson = new("--json") { Description = "Prints JSON instead of text." };

    public static Command Create()
    {
        _service.AcceptOnlyFromAmong(Rebuild.Services);
        var command = new Command("rebuild", "Makes what a service keeps in Redis anew, while it runs.")
        {
            _service, _verify, _fromLog, _asJson,
        };
        command.Validators.Add(result =>
        {
            var service = result.GetValue(_service);
            if (result.GetResult(_verify) is not null && !Rebuild.Comparable.Contains(service))
            {
                result.AddError($"--verify compares {string.Join(" and ", Rebuild.Comparable)} only.");
            }

            if (result.GetValue(_verify) is < 1 or > 100_000)
            {
                result.AddError("--verify must be 1 to 100000.");
            }

            if (result.GetValue(_fromLog) && service != "feature-store")
            {
                result.AddError("--from-log is for feature-store; fraud always reads the log.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var client = new SystemClient(new InstanceDirectory(Repository.MainInstance));
        var service = parsed.GetValue(_service)!;
        var verify = parsed.GetResult(_verify) is null ? 0 : parsed.GetValue(_verify) ?? DefaultVerified;
        var isJson = parsed.GetValue(_asJson);
        RebuildResult? result = null;
        if (isJson)
        {
            result = await RunAsync(_ => { });
            Terminal.Write(JsonSerializer.Serialize(result, _json));
        }
        else
        {
            await Terminal.RunAsync($"rebuilding {service}", async report => result = await RunAsync(report));
            Show(result!, verify > 0);
        }

        return result!.Differing is > 0 ? 1 : 0;

        Task<RebuildResult> RunAsync(Action<string> report) => new Rebuild(client, report).RunAsync(
            service, verify, parsed.GetValue(_fromLog), cancellation);
    }

    private static void Show(RebuildResult result, bool isVerified)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"{result.Service}: rebuilt from {result.Records:N0} records in {result.Seconds:0.0} s");
        if (!isVerified)
        {
            return;
        }

        if (result.Compared is not { } compared)
        {
            AnsiConsole.MarkupLine("[yellow]not compared: the generation before was lost[/]");
        }
        else if (result.Differing is > 0 and var differing)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{differing:N0} of {compared:N0} entities differ[/]");
        }
        else
        {
            AnsiConsole.MarkupLineInterpolated($"[green]{compared:N0} entities are equal, bit for bit[/]");
        }
    }
}
