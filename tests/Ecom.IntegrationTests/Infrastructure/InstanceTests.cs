using System.Runtime.Versioning;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;
using Xunit;

namespace Ecom.IntegrationTests.Infrastructure;

[SupportedOSPlatform("linux")]
public sealed class InstanceTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("ecom-").FullName;

    [Fact]
    public async Task A_process_of_another_instance_is_never_stopped()
    {
        var mine = new InstanceDirectory(Path.Combine(_folder, "mine"));
        var other = new InstanceDirectory(Path.Combine(_folder, "other"));
        var id = Start(other, "sleeper");

        await mine.Processes.StopAsync("sleeper", OwnProcesses.Terminate, TimeSpan.FromSeconds(1), default);
        Assert.Equal(id, other.Processes.Find("sleeper")?.Id);

        await other.Processes.StopAsync("sleeper", OwnProcesses.Terminate, TimeSpan.FromSeconds(5), default);
        Assert.Null(other.Processes.Find("sleeper"));
    }

    [Fact]
    public async Task A_process_that_was_just_started_is_found_at_once()
    {
        var instance = new InstanceDirectory(Path.Combine(_folder, "fresh"));
        for (var start = 0; start < 40; start++)
        {
            var name = $"sleeper-{start}";
            var id = Start(instance, name);
            Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(id, instance.Processes.Find(name)?.Id));
            await instance.Processes.StopAsync(name, OwnProcesses.Terminate, TimeSpan.FromSeconds(5), default);
        }
    }

    [Fact]
    public async Task Ports_and_secrets_are_remembered_and_secrets_are_private()
    {
        var first = new InstanceDirectory(_folder);
        var port = await first.Ports.ForAsync("redis", default);
        var secret = first.Secret("redis");
        first.SaveState();

        var second = new InstanceDirectory(_folder);

        Assert.Equal(port, second.Ports.Known("redis"));
        Assert.Equal(secret, second.Secret("redis"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(_folder, "secrets", "secrets.json")));
    }

    [Fact]
    public void Keys_are_made_once_and_those_of_others_stay()
    {
        var instance = new InstanceDirectory(_folder);
        var clear = ApiKeyFile.Ensure(instance);
        var hashed = instance.Load<HashedKeys>("config/keys.json")!;
        var partner = hashed.Keys[0] with { Client = "partner", Sha256 = new string('0', 64) };
        instance.Save("config/keys.json", hashed with { Keys = [partner, .. hashed.Keys.Skip(1)] });

        var again = ApiKeyFile.Ensure(instance);

        Assert.Equal(clear, again);
        var clients = instance.Load<HashedKeys>("config/keys.json")!.Keys.Select(key => key.Client).ToArray();
        Assert.Contains("partner", clients);
        Assert.Contains(hashed.Keys[0].Client, clients);
        var served = File.ReadAllText(ApiKeyFile.HashedPath(instance));
        Assert.DoesNotContain(clear["storefront"], served, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(ApiKeyFile.ClearPath(instance)));
    }

    [Fact]
    public void A_copy_of_a_program_follows_the_build_and_leaves_what_runs_alone()
    {
        var build = Directory.CreateDirectory(Path.Combine(_folder, "build")).FullName;
        var copy = Path.Combine(_folder, "copy");
        File.WriteAllText(Path.Combine(build, "same.dll"), "same");
        File.WriteAllText(Path.Combine(build, "old.dll"), "old");
        ProgramCopy.Update(build, copy);
        using var mapped = File.OpenRead(Path.Combine(copy, "same.dll"));
        File.Delete(Path.Combine(build, "old.dll"));
        File.WriteAllText(Path.Combine(build, "new.dll"), "new");
        File.WriteAllText(Path.Combine(build, "same.dll"), "changed");

        ProgramCopy.Update(build, copy);

        Assert.Equal(["new.dll", "same.dll"], Directory.GetFiles(copy).Select(Path.GetFileName).Order());
        Assert.Equal("changed", File.ReadAllText(Path.Combine(copy, "same.dll")));
        using var reader = new StreamReader(mapped);
        Assert.Equal("same", reader.ReadToEnd());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int Start(InstanceDirectory instance, string name) => instance.Processes.Start(new DetachedStart
    {
        Name = name,
        Command = ["sleep", "60"],
        LogPath = instance.LogOf(name),
        WorkingDirectory = instance.Root,
        Environment = new Dictionary<string, string>(),
    });
}
