using System.CommandLine;
using System.Diagnostics;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Ecom.Cli.Testing;

namespace Ecom.Cli.Commands;

/// <summary><c>./ecom test</c></summary>
internal static class TestCommand
{
    private const string UnitTests = "Ecom.UnitTests";
    private const string IntegrationTests = "Ecom.IntegrationTests";

    public static Command Create()
    {
        var filter = new Option<string?>("--filter") { Description = "As of dotnet test, for example Name~Fraud." };
        var unit = new Option<bool>("--unit") { Description = "Only unit tests; needs no server." };
        var keep = new Option<bool>("--keep") { Description = "Leaves the tests' servers running for the next run." };
        var command = new Command("test", "Builds everything and runs all tests.") { filter, unit, keep };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(filter), parsed.GetValue(unit), parsed.GetValue(keep), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? filter, bool unit, bool keep, CancellationToken cancellation)
    {
        await Terminal.RunAsync("building", report =>
        {
            report("building everything");
            return ReleaseBuild.RunAsync(Path.Combine(Repository.Root, "Ecom.sln"), cancellation);
        });
        var counts = new TestCounts(0, 0);
        try
        {
            counts += await TestAsync(UnitTests, filter, addresses: null, cancellation);
            if (!unit)
            {
                InfrastructureAddresses? addresses = null;
                await Terminal.RunAsync("starting servers", async report =>
                    addresses = await TestInfrastructure.StartAsync(report, cancellation));
                counts += await TestAsync(IntegrationTests, filter, addresses, cancellation);
            }
        }
        finally
        {
            if (!unit && !keep)
            {
                await TestInfrastructure.StopAsync(purge: false, _ => { }, CancellationToken.None);
            }
        }

        Terminal.Write(counts.ToString());
        return counts is { Failed: 0, Passed: > 0 } ? 0 : 1;
    }

    private static async Task<TestCounts> TestAsync(
        string project, string? filter, InfrastructureAddresses? addresses, CancellationToken cancellation)
    {
        var results = Path.Combine(Repository.MainInstance, "test-results");
        var trx = Path.Combine(results, project + ".trx");
        Directory.CreateDirectory(results);
        File.Delete(trx);
        var start = new ProcessStartInfo("dotnet",
        [
            "test", Path.Combine(Repository.Root, "tests", project), "-c", "Release", "--no-build", "--nologo",
            "--logger", $"trx;LogFileName={project}.trx", "--results-directory", results,
            "--blame-hang-timeout", "10m", "--blame-hang-dump-type", "none",
            .. filter is null ? Array.Empty<string>() : ["--filter", filter],
        ]);
        if (addresses is not null)
        {
            start.Environment["ECOM_TEST_POSTGRES"] = addresses.Postgres;
            start.Environment["ECOM_TEST_REDIS"] = addresses.Redis;
            start.Environment["ECOM_TEST_RABBITMQ"] = addresses.RabbitMq.AbsoluteUri;
            start.Environment["ECOM_TEST_RABBITMQ_MANAGEMENT"] = addresses.RabbitMqManagement?.AbsoluteUri;
        }

        var result = await ExternalCommand.TryRunAsync(start, Terminal.Write, cancellation);
        return TrxResults.Read(trx, result.ExitCode);
    }
}
