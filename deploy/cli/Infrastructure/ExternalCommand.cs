using System.ComponentModel;
using System.Diagnostics;

namespace Ecom.Cli.Infrastructure;

/// <summary>What a finished program printed (both streams, in no certain order) and returned.</summary>
internal sealed record CommandResult(int ExitCode, string Output);

/// <summary>Runs another program to its end.</summary>
internal static class ExternalCommand
{
    private const int LinesShownOnFailure = 15;

    public static Task<CommandResult> TryRunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation) =>
        TryRunAsync(new ProcessStartInfo(program, arguments), _ => { }, cancellation);

    /// <param name="start">Program and arguments; the streams are taken over.</param>
    /// <param name="onLine">Called for each line as it is printed.</param>
    /// <param name="cancellation">Ends the program and its children.</param>
    public static async Task<CommandResult> TryRunAsync(
        ProcessStartInfo start, Action<string> onLine, CancellationToken cancellation)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        using var process = new Process { StartInfo = start };
        var lines = new List<string>();
        void Collect(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
            {
                return;
            }

            lock (lines)
            {
                lines.Add(line.Data);
                onLine(line.Data);
            }
        }

        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            throw new SetupException($"Cannot start {start.FileName}: {failure.Message}", failure);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CommandResult(process.ExitCode, string.Join('\n', lines));
    }

    /// <exception cref="SetupException">The program returned something other than 0.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var words = arguments.ToArray();
        var result = await TryRunAsync(program, words, cancellation);
        return result.ExitCode == 0
            ? result.Output
            : throw new SetupException(
                $"{program} {string.Join(' ', words)} returned {result.ExitCode}:\n{Tail(result.Output)}");
    }

    public static string Tail(string text, int lines = LinesShownOnFailure) =>
        string.Join('\n', text.TrimEnd().Split('\n').TakeLast(lines));
}
