using Ecom.Cli.Bench.Faults;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Testing;

/// <summary>The servers of the tests: those that all share, and those that a killed test run left behind.</summary>
internal static class TestInfrastructure
{
    public static async Task<InfrastructureAddresses> StartAsync(Action<string> report, CancellationToken cancellation)
    {
        await RemoveOwnAsync(cancellation);
        var instance = new InstanceDirectory(Repository.TestInstance);
        return await new PrivateInfrastructure(instance, forTests: true)
            .StartAsync(new GivenAddresses(), report, cancellation);
    }

    public static async Task StopAsync(bool purge, Action<string> report, CancellationToken cancellation)
    {
        await RemoveOwnAsync(cancellation);
        if (!Directory.Exists(Repository.TestInstance))
        {
            return;
        }

        var instance = new InstanceDirectory(Repository.TestInstance);
        var infrastructure = new PrivateInfrastructure(instance, forTests: true);
        await infrastructure.StopAsync(report, cancellation);
        if (purge)
        {
            infrastructure.Purge();
            instance.Purge();
            Directory.Delete(instance.Root, recursive: true);
        }
    }

    private static async Task RemoveOwnAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(Repository.OwnTestInstances))
        {
            return;
        }

        foreach (var path in Directory.GetDirectories(Repository.OwnTestInstances))
        {
            await TrialSystem.RemoveAsync(path, cancellation);
        }
    }
}
