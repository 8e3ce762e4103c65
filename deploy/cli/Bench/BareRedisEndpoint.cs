using System.Diagnostics;
using Ecom.Cli.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ecom.Cli.Bench;

/// <summary>
/// The yard-stick of serving: a minimal endpoint in a process of its own that does one Redis GET and returns what it
/// got, without keys, limits, traces or logs.
/// </summary>
internal sealed class BareRedisEndpoint : IDisposable
{
    public const string Verb = "bare-endpoint";
    public const string Path = "/bare";
    private const string RedisVariable = "ECOM_BENCH_REDIS";
    private const string Key = "bench:bare";
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(1);
    private readonly Process _process;

    private BareRedisEndpoint(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Starts the process; it ends with this object, or when this process does.</summary>
    /// <param name="redis">Configuration of Redis.</param>
    /// <param name="bytes">Size of each answer.</param>
    /// <param name="cancellation">Stops waiting for it.</param>
    public static async Task<BareRedisEndpoint> StartAsync(string redis, int bytes, CancellationToken cancellation)
    {
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(redis))
        {
            await connection.GetDatabase().StringSetAsync(Key, new byte[bytes], _lifetime);
        }

        var program = Environment.GetCommandLineArgs()[0];
        var start = new ProcessStartInfo("dotnet", [program, "bench", Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [RedisVariable] = redis },
        };
        var process = Process.Start(start) ?? throw new SetupException("The yard-stick's process does not start.");
        var line = await process.StandardOutput.ReadLineAsync(cancellation);
        return Uri.TryCreate(line, UriKind.Absolute, out var address)
            ? new BareRedisEndpoint(process, address)
            : throw new SetupException($"The yard-stick's process says: {line}");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    /// <summary>The process itself: serves until its input ends.</summary>
    /// <param name="say">Told the address.</param>
    public static async Task ServeAsync(Action<string> say)
    {
        var configured = Environment.GetEnvironmentVariable(RedisVariable)
            ?? throw new SetupException($"{RedisVariable} is not set: ./ecom bench serve starts this by itself.");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(configured);
        var database = redis.GetDatabase();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapGet(Path, async () => Results.Bytes((byte[])(await database.StringGetAsync(Key))!, "application/json"));
        await app.StartAsync();
        say(app.Urls.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }
}
