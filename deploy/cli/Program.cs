using System.CommandLine;
using Ecom.Cli.Commands;
using Ecom.Cli.Infrastructure;
using Spectre.Console;

// Wrapped lines of a pipe or a log file can be neither searched nor copied.
if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 500;
}

var root = new RootCommand("Ecom: analytics and decisions for online shops. One command for everything that runs.")
{
    UpCommand.Create(),
    DownCommand.Create(),
    StatusCommand.Create(),
    LogsCommand.Create(),
    DemoCommand.Create(),
    ImportCommand.Create(),
    SimulateCommand.Create(),
    ErrorsCommand.Create(),
    BenchCommand.Create(),
    EvaluateCommand.Create(),
    RebuildCommand.Create(),
    TestCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        // After Ctrl-C a command still stops what it has started.
        ProcessTerminationTimeout = TimeSpan.FromMinutes(2),
    });
}
catch (SetupException failure)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{failure.Message}[/]");
    return 1;
}
catch (OperationCanceledException)
{
    AnsiConsole.WriteLine("Interrupted.");
    return 130;
}
