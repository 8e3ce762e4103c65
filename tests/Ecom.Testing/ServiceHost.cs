using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ecom.ServiceDefaults.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Ecom.Testing;

/// <summary>
/// A service hosted in the test's process on a real port of the loopback address, with keys for every scope.
/// </summary>
public sealed class ServiceHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _keyFile;

    private ServiceHost(WebApplication app, string keyFile)
    {
        _app = app;
        _keyFile = keyFile;
    }

    /// <summary>Where the service listens.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>The service's container.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>The clear key of a scope, for example "test-ingest".</summary>
    public static string KeyOf(string scope) => $"test-{scope}";

    /// <summary>Starts a service and waits until it serves.</summary>
    /// <param name="add">The service's Add method, for example <c>builder => builder.AddIngestion()</c>.</param>
    /// <param name="map">The service's Map method.</param>
    /// <param name="configuration">Addresses and options, keys with colons: "ConnectionStrings:Postgres".</param>
    /// <param name="address">Address to listen on; by default a free port of 127.0.0.1.</param>
    public static async Task<ServiceHost> StartAsync(
        Action<WebApplicationBuilder> add,
        Action<WebApplication> map,
        IReadOnlyDictionary<string, string?> configuration,
        Uri? address = null)
    {
        var keyFile = WriteKeyFile();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = "Testing",
        });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Keys:Path"] = keyFile,
            ["Keys:Own"] = KeyOf(Scopes.Admin),
            ["Privacy:HashKey"] = Convert.ToBase64String(SHA256.HashData("test"u8)),
            ["Telemetry:SampleRatio"] = "1",
            // Nobody listens there: a test that needs training says where it is.
            ["Services:Training"] = "http://127.0.0.1:9",
        });
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.WebHost.UseUrls((address ?? new Uri("http://127.0.0.1:0")).ToString());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        add(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new ServiceHost(app, keyFile);
    }

    /// <summary>A client with the key of one scope; without scope a client without key.</summary>
    public HttpClient CreateClient(string? scope = null)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (scope is not null)
        {
            client.DefaultRequestHeaders.Add("X-Api-Key", KeyOf(scope));
        }

        return client;
    }

    /// <summary>Stops the service gracefully.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        File.Delete(_keyFile);
    }

    private static string WriteKeyFile()
    {
        var keys = Scopes.All.Select(scope => new
        {
            client = $"client-{scope}",
            sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(scope)))),
            scopes = new[] { scope },
        });
        var path = Path.GetTempFileName();
        File.WriteAllText(path, JsonSerializer.Serialize(new { keys }));
        return path;
    }
}
