using System.Diagnostics;

namespace Ecom.Cli.Infrastructure;

/// <summary>The servers' programs, from the distribution's packages.</summary>
internal static class DebianPackages
{
    private const string PolicyPath = "/usr/sbin/policy-rc.d";
    private const string SavedPolicyPath = PolicyPath + ".before-ecom";
    private const string PolicyText = "#!/bin/sh\n# written by ecom while it installs packages\nexit 101\n";

    public const string RedisProgram = "/usr/bin/redis-server";
    public const string RabbitMqProgram = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    public const string RabbitMqControl = "/usr/lib/rabbitmq/bin/rabbitmqctl";

    private const string PostgresPackage = "postgresql";
    private const string RedisPackage = "redis-server";
    private const string RabbitMqPackage = "rabbitmq-server";

    /// <summary>
    /// Folder of the newest PostgreSQL's programs, or of a given major version's; null if there is none.
    /// </summary>
    public static string? PostgresPrograms(int? version = null)
    {
        const string Versions = "/usr/lib/postgresql";
        return Directory.Exists(Versions)
            ? Directory.EnumerateDirectories(Versions)
                .Select(path => (Path: path, Number: int.TryParse(Path.GetFileName(path), out var n) ? n : 0))
                .Where(found => version is null || found.Number == version)
                .OrderByDescending(found => found.Number)
                .Select(found => Path.Combine(found.Path, "bin"))
                .FirstOrDefault(path => File.Exists(Path.Combine(path, "postgres")))
            : null;
    }


    /// <summary>Installs the packages of servers where they are missing, if permitted.</summary>
    /// <param name="servers">Names of servers, for example <see cref="PostgresServer.Name"/>.</param>
    /// <param name="report">Told what is installed.</param>
    /// <param name="cancellation">Ends apt-get.</param>
    /// <exception cref="SetupException">
    /// Something is missing and cannot be installed; says which command helps.
    /// </exception>
    public static async Task EnsureAsync(
        IEnumerable<string> servers, Action<string> report, CancellationToken cancellation)
    {
        RestorePolicy();
        var missing = servers.Select(PackageOf).Where(package => !Has(package)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var install = $"apt-get update && apt-get install --no-install-recommends {string.Join(' ', missing)}";
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/apt-get"))
        {
            throw new SetupException(
                $"Missing: {string.Join(", ", missing)}. On Debian, run as root:\n  {install}\n"
                + "or give the addresses of running servers in ECOM_POSTGRES, ECOM_REDIS and ECOM_RABBITMQ.");
        }

        report($"installing {string.Join(", ", missing)} (about a minute)");
        ForbidStarts();
        try
        {
            await AptAsync(["update", "-q"], report, cancellation);
            await AptAsync(["install", "-q", "-y", "--no-install-recommends", .. missing], report, cancellation);
        }
        finally
        {
            RestorePolicy();
        }

        var still = missing.Where(package => !Has(package)).ToArray();
        if (still.Length > 0)
        {
            throw new SetupException(
                $"Still missing after the installation: {string.Join(", ", still)}. Try:\n  {install}");
        }
    }

    private static string PackageOf(string server) => server switch
    {
        PostgresServer.Name => PostgresPackage,
        RedisServer.Name => RedisPackage,
        _ => RabbitMqPackage,
    };

    private static bool Has(string package) => package switch
    {
        PostgresPackage => PostgresPrograms() is not null,
        RedisPackage => File.Exists(RedisProgram),
        _ => File.Exists(RabbitMqProgram),
    };

    private static async Task AptAsync(string[] arguments, Action<string> report, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("apt-get", ["-o", "DPkg::Lock::Timeout=300", .. arguments])
        {
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive", ["LC_ALL"] = "C.UTF-8" },
        };
        var result = await ExternalCommand.TryRunAsync(
            start,
            line =>
            {
                if (line.StartsWith("Setting up ", StringComparison.Ordinal))
                {
                    report(line.ToLowerInvariant());
                }
            },
            cancellation);
        if (result.ExitCode != 0)
        {
            throw new SetupException(
                $"apt-get {string.Join(' ', arguments)} failed:\n{ExternalCommand.Tail(result.Output)}");
        }
    }

    // Packages of servers start a system-wide server when they are configured; this is Debian's way to say no.
    private static void ForbidStarts()
    {
        if (File.Exists(PolicyPath))
        {
            File.Move(PolicyPath, SavedPolicyPath, overwrite: true);
        }

        File.WriteAllText(PolicyPath, PolicyText);
        File.SetUnixFileMode(
            PolicyPath,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    // Also run at the start: a command that was killed while it installed has left its policy behind.
    private static void RestorePolicy()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        if (File.Exists(PolicyPath) && File.ReadAllText(PolicyPath) == PolicyText)
        {
            File.Delete(PolicyPath);
        }

        if (File.Exists(SavedPolicyPath))
        {
            File.Move(SavedPolicyPath, PolicyPath, overwrite: true);
        }
    }
}
