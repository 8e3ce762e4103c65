using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Services;

/// <summary>Builds in the configuration that everything runs in.</summary>
internal static class ReleaseBuild
{
    private const int LinesShownOnFailure = 30;

    /// <param name="solution">Path of a solution, solution filter or project.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <exception cref="SetupException">The build fails; carries its errors.</exception>
    public static async Task RunAsync(string solution, CancellationToken cancellation)
    {
        var result = await ExternalCommand.TryRunAsync(
            "dotnet", ["build", solution, "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false"], cancellation);
        if (result.ExitCode != 0)
        {
            throw new SetupException(
                $"The build fails:\n{ExternalCommand.Tail(result.Output, LinesShownOnFailure)}");
        }
    }
}
