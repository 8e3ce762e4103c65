using System.Globalization;
using Npgsql;

namespace Ecom.Cli.Infrastructure;

/// <summary>A PostgreSQL server of the instance's own.</summary>
/// <param name="instance">Where it lives.</param>
/// <param name="durable">False for tests: commits do not wait for the disk.</param>
internal sealed class PostgresServer(InstanceDirectory instance, bool durable)
{
    public const string Name = "postgres";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ServerAccount _account = new("postgres");

    /// <summary>Npgsql connection string of the superuser.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = instance.Ports.Known(Name),
        Database = "postgres",
        Username = "postgres",
        Password = instance.Secret(Name),
    }.ConnectionString;

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (instance.Processes.Find(Name) is null)
        {
            await LaunchAsync(cancellation);
        }

        await ServerStart.WaitAsync(instance, Name, AnswersAsync, () => LaunchAsync(cancellation), cancellation);
    }

    public Task StopAsync(CancellationToken cancellation) =>
        instance.Processes.StopAsync(Name, OwnProcesses.Interrupt, _patience, cancellation);

    private async Task LaunchAsync(CancellationToken cancellation)
    {
        var data = Path.Combine(await _account.FolderAsync(instance, Name, cancellation), "data");
        var programs = await InitialiseAsync(data, cancellation);
        await File.WriteAllTextAsync(Path.Combine(data, "postgresql.conf"), Settings(), cancellation);
        await File.WriteAllTextAsync(
            Path.Combine(data, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n", cancellation);
        await RemoveStalePidFileAsync(data, cancellation);
        instance.Processes.Start(new DetachedStart
        {
            Name = Name,
            Command = _account.Command(Path.Combine(programs, "postgres"), "-D", data),
            LogPath = instance.LogOf(Name),
            WorkingDirectory = "/",
            Environment = new Dictionary<string, string> { ["TZ"] = "UTC" },
        });
    }

    // initdb works in a folder that gets its name when all is done: one that was cut off is simply made again.
    private async Task<string> InitialiseAsync(string data, CancellationToken cancellation)
    {
        var versionPath = Path.Combine(data, "PG_VERSION");
        if (File.Exists(versionPath))
        {
            var text = await File.ReadAllTextAsync(versionPath, cancellation);
            var version = int.Parse(text, CultureInfo.InvariantCulture);
            return DebianPackages.PostgresPrograms(version) ?? throw new SetupException(
                $"The data in {data} is of PostgreSQL {version}, which is not installed. "
                + "Install it, or start anew after `./ecom down --purge`.");
        }

        var programs = DebianPackages.PostgresPrograms()
            ?? throw new SetupException("PostgreSQL is not installed.");
        var unfinished = data + ".unfinished";
        var passwordPath = unfinished + ".password";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await File.WriteAllTextAsync(passwordPath, instance.Secret(Name), cancellation);
        File.SetUnixFileMode(passwordPath, UnixFileMode.UserRead);
        try
        {
            await _account.OwnAsync(passwordPath, cancellation);
            await _account.RunAsync(
                [
                    Path.Combine(programs, "initdb"), "-D", unfinished, "-U", "postgres", "--auth=scram-sha-256",
                    "--pwfile=" + passwordPath, "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
                ],
                cancellation);
        }
        finally
        {
            File.Delete(passwordPath);
        }

        Directory.Move(unfinished, data);
        return programs;
    }

    // A killed server leaves its pid file; if the pid is in use again, PostgreSQL would refuse to start.
    private static async Task RemoveStalePidFileAsync(string data, CancellationToken cancellation)
    {
        var path = Path.Combine(data, "postmaster.pid");
        if (!File.Exists(path))
        {
            return;
        }

        var pid = (await File.ReadAllLinesAsync(path, cancellation)).FirstOrDefault("").Trim();
        var commandLine = $"/proc/{pid}/cmdline";
        if (File.Exists(commandLine)
            && (await File.ReadAllTextAsync(commandLine, cancellation)).Split('\0').Contains(data))
        {
            throw new SetupException(
                $"Process {pid} works on {data}, but was not started by this command. Stop it first.");
        }

        File.Delete(path);
    }

    /// <summary>Whether a client gets in.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellation);
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new SetupException(
                $"PostgreSQL does not accept the password in {instance.Secrets}: the data is of another time. "
                + "Start anew after `./ecom down --purge`.",
                refused);
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private string Settings() => $"""
        listen_addresses = '127.0.0.1'
        port = {instance.Ports.Known(Name)}
        unix_socket_directories = ''
        password_encryption = 'scram-sha-256'
        max_connections = 120
        shared_buffers = '256MB'
        work_mem = '16MB'
        maintenance_work_mem = '128MB'
        max_wal_size = '2GB'
        # The raw log has a partition a day: a query over years locks thousands of tables.
        max_locks_per_transaction = 512
        jit = off
        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'
        log_checkpoints = off
        fsync = {(durable ? "on" : "off")}
        full_page_writes = {(durable ? "on" : "off")}

        """;
}
