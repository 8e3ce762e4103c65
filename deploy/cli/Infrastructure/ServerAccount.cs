namespace Ecom.Cli.Infrastructure;

/// <summary>The unprivileged user that a server runs as when the command itself is root's.</summary>
/// <param name="name">User that the server's package makes.</param>
internal sealed class ServerAccount(string name)
{
    private bool Applies => Environment.IsPrivilegedProcess && name.Length > 0;

    /// <summary>The command as this user; <c>setpriv</c> replaces itself, so that the process id stays.</summary>
    public IReadOnlyList<string> Command(params string[] command) =>
        Applies
            ? ["setpriv", $"--reuid={name}", $"--regid={name}", "--init-groups", .. command]
            : command;

    public async Task RunAsync(string[] command, CancellationToken cancellation)
    {
        var whole = Command(command);
        await ExternalCommand.RunAsync(whole[0], whole.Skip(1), cancellation);
    }

    public async Task OwnAsync(string path, CancellationToken cancellation)
    {
        if (Applies)
        {
            await ExternalCommand.RunAsync("chown", ["-R", $"{name}:", path], cancellation);
        }
    }

    /// <summary>The server's folder in the instance, made if missing.</summary>
    /// <remarks>
    /// Where the user cannot walk to the instance (a check-out below /root), the folder is a link to one below
    /// /var/tmp, which everybody can reach and which survives a restart of the machine.
    /// </remarks>
    public async Task<string> FolderAsync(InstanceDirectory instance, string server, CancellationToken cancellation)
    {
        var folder = Path.Combine(instance.Root, server);
        var link = new DirectoryInfo(folder);
        if (link.LinkTarget is null && await ReachesAsync(instance.Root, cancellation))
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            var elsewhere = Elsewhere(instance, server);
            Directory.CreateDirectory(Path.GetDirectoryName(elsewhere)!);
            await RequireOwnAsync(Path.GetDirectoryName(elsewhere)!, cancellation);
            Directory.CreateDirectory(elsewhere);
            if (link.LinkTarget is null)
            {
                Directory.CreateSymbolicLink(folder, elsewhere);
            }

            folder = elsewhere;
        }

        await OwnAsync(folder, cancellation);
        return folder;
    }

    public static void Purge(InstanceDirectory instance, string server)
    {
        var folder = new DirectoryInfo(Path.Combine(instance.Root, server));
        if (folder.LinkTarget is not null)
        {
            folder.Delete();
        }

        foreach (var path in new[] { folder.FullName, Elsewhere(instance, server) }.Where(Directory.Exists))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static string Elsewhere(InstanceDirectory instance, string server) =>
        Path.Combine("/var/tmp", "ecom-" + instance.Hash, server);

    private async Task<bool> ReachesAsync(string path, CancellationToken cancellation)
    {
        var test = Command("test", "-x", path);
        return (await ExternalCommand.TryRunAsync(test[0], test.Skip(1), cancellation)).ExitCode == 0;
    }

    // Everybody may write to /var/tmp: a folder that somebody else put there must not be used.
    private static async Task RequireOwnAsync(string path, CancellationToken cancellation)
    {
        var owner = await ExternalCommand.RunAsync("stat", ["-c", "%U", path], cancellation);
        if (owner.Trim() != Environment.UserName || new DirectoryInfo(path).LinkTarget is not null)
        {
            throw new SetupException($"{path} belongs to {owner.Trim()}; remove it and try again.");
        }
    }
}
