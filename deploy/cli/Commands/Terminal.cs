using Spectre.Console;

namespace Ecom.Cli.Commands;

/// <summary>How commands speak to their user.</summary>
internal static class Terminal
{
    /// <summary>
    /// Runs something that takes a while, with a line for each step and a sign of life on a terminal.
    /// </summary>
    public static async Task RunAsync(string title, Func<Action<string>, Task> work)
    {
        var sayLock = new Lock();
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            await work(Say);
            return;
        }

        await AnsiConsole.Status().StartAsync(Markup.Escape(title), _ => work(Say));

        // Steps are reported from several threads.
        void Say(string step)
        {
            lock (sayLock)
            {
                AnsiConsole.MarkupLineInterpolated($"[green]·[/] {step}");
            }
        }
    }

    /// <summary>A line as it is: no markup, no wrapping.</summary>
    public static void Write(string line) => AnsiConsole.Profile.Out.Writer.WriteLine(line);
}
