using System.CommandLine;
using Ecom.Cli.Services;
using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom up</c></summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var sampleRatio = new Option<double>("--sample-ratio")
        {
            Description = "Share of traces that are kept, 0 to 1.",
            DefaultValueFactory = _ => new UpOptions().SampleRatio,
        };
        var docker = new Option<bool>("--docker")
        {
            Description = "Runs PostgreSQL, Redis and RabbitMQ as containers of a Docker engine.",
        };
        var command = new Command("up", "Starts the servers and all services, and waits until they are ready.")
        {
            docker, sampleRatio,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new UpOptions { Docker = parsed.GetValue(docker), SampleRatio = parsed.GetValue(sampleRatio) },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(UpOptions options, CancellationToken cancellation)
    {
        var system = EcomSystem.OfCheckout();
        await Terminal.RunAsync("starting", report => system.UpAsync(options, report, cancellation));
        AnsiConsole.MarkupLine("Everything is ready. [grey]./ecom status · ./ecom logs · ./ecom down[/]");
        return 0;
    }
}
