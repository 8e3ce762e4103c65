using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ecom.ServiceDefaults.Keys;
using Ecom.Training.Data;
using Ecom.Training.Trainers;
using Microsoft.Extensions.Options;

namespace Ecom.Training.Runs;

/// <summary>What a training process left.</summary>
/// <param name="Result">Null when it failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record TrainingProcessEnd(TrainingResult? Result, string? Error);

/// <summary>Starts this service's own executable again for one run, listens to it, and kills it when told.</summary>
internal sealed class TrainingProcess(
    IConfiguration configuration, IOptions<TrainingOptions> options, IOptions<ApiKeyOptions> keys)
{
    /// <summary>Runs a task to its end.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="onReport">Told each report; on another thread.</param>
    /// <param name="log">Takes what the process writes.</param>
    /// <param name="cancellation">Kills the process and all that it started.</param>
    /// <exception cref="OperationCanceledException">It was killed.</exception>
    public async Task<TrainingProcessEnd> RunAsync(
        TrainingTask task, Action<TrainingReport> onReport, LogTail log, CancellationToken cancellation)
    {
        using var process = Process.Start(StartOf(task.RunId))
            ?? throw new InvalidOperationException("The training process did not start.");
        try
        {
            return await ListenAsync(process, task, onReport, log, cancellation);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static async Task<TrainingProcessEnd> ListenAsync(
        Process process,
        TrainingTask task,
        Action<TrainingReport> onReport,
        LogTail log,
        CancellationToken cancellation)
    {
        var end = new TrainingProcessEnd(null, null);
        var lastLine = string.Empty;
        var errors = ReadLinesAsync(process.StandardError, log.Add, cancellation);
        var reports = ReadLinesAsync(
            process.StandardOutput,
            line =>
            {
                if (Parse(line) is not { } report)
                {
                    lastLine = line;
                    log.Add(line);
                    return;
                }

                end = report switch
                {
                    { Result: { } result } => new(result, null),
                    { Error: { } error } => new(null, error),
                    _ => end,
                };
                onReport(report);
            },
            cancellation);
        try
        {
            var line = JsonSerializer.Serialize(task, JsonSerializerOptions.Web);
            await process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
            await process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It ended before it had read its task: the exit code tells.
        }

        await Task.WhenAll(errors, reports);
        await process.WaitForExitAsync(cancellation);
        return (end, process.ExitCode) switch
        {
            ({ Error: not null }, _) => end,
            ({ Result: not null }, 0) => end,
            var (_, code) => new(null, string.Create(
                CultureInfo.InvariantCulture,
                $"The training process ended with exit code {code} without a result (137 and 134: likely too little "
                    + $"memory, see Training:MemoryLimitMegabytes). Read the run's log. {lastLine}").TrimEnd()),
        };
    }

    private static async Task ReadLinesAsync(
        StreamReader reader, Action<string> onLine, CancellationToken cancellation)
    {
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            onLine(line);
        }
    }

    private static TrainingReport? Parse(string line)
    {
        try
        {
            return line.StartsWith('{')
                ? JsonSerializer.Deserialize<TrainingReport>(line, JsonSerializerOptions.Web)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ProcessStartInfo StartOf(Guid runId)
    {
        // The host that runs this process, wherever it is installed; under a test this process is not the service.
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var start = new ProcessStartInfo(dotnet)
        {
            ArgumentList = { typeof(TrainingProcess).Assembly.Location, "train", "--run", runId.ToString() },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // It needs no database and no broker, so it does not get their passwords.
        foreach (var secret in start.Environment.Keys.Where(IsForParentOnly).ToArray())
        {
            start.Environment.Remove(secret);
        }

        foreach (var service in DataFeed.Services)
        {
            start.Environment[DataFeed.VariableOf(service)] = configuration[$"Services:{service}"];
        }

        start.Environment[TrainingChild.KeyVariable] = keys.Value.Own;
        start.Environment[DeepTrainer.TorchPathVariable] = options.Value.TorchPath;
        start.Environment["DOTNET_GCHeapHardLimit"] =
            (options.Value.MemoryLimit * 1_048_576L).ToString("X", CultureInfo.InvariantCulture);
        return start;
    }

    private static bool IsForParentOnly(string variable) =>
        variable.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || variable.StartsWith("Privacy__", StringComparison.OrdinalIgnoreCase);
}
