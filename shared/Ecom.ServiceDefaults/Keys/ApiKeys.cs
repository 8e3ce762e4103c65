using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ecom.ServiceDefaults.Keys;

/// <summary>
/// The keys that this service accepts, read from a file of hashes and reloaded when the file changes.
/// </summary>
public sealed partial class ApiKeys(IOptions<ApiKeyOptions> options, ILogger<ApiKeys> logger) : BackgroundService
{
    /// <summary>Name of the authentication scheme that reads keys from requests.</summary>
    public const string Scheme = "ApiKey";

    private static readonly TimeSpan _pollInterval = TimeSpan.FromSeconds(2);
    private volatile IReadOnlyList<ApiKey> _keys = [];
    private DateTime _loadedVersion;

    /// <summary>Finds the key's client, in time that does not depend on which hash matches.</summary>
    /// <returns>Null if no client has this key.</returns>
    public ApiKey? Find(string key) => FindByHash(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Finds the client of a key known by its SHA-256: whether a session begun with it may go on.</summary>
    /// <returns>Null if the key is no longer accepted.</returns>
    public ApiKey? FindByHash(ReadOnlySpan<byte> hash)
    {
        ApiKey? found = null;
        foreach (var candidate in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(candidate.Hash, hash))
            {
                found = candidate;
            }
        }

        return found;
    }

    /// <summary>How many clients have a scope, or admin: whether somebody else could approve what one did.</summary>
    public int CountClients(string scope) => _keys
        .Where(key => key.Scopes.Contains(scope) || key.Scopes.Contains(Keys.Scopes.Admin))
        .Select(key => key.Client)
        .Distinct(StringComparer.Ordinal)
        .Count();

    /// <summary>
    /// Loads the file once before the service answers requests; a missing or broken file refuses every key.
    /// </summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        LoadIfChanged();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_pollInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            LoadIfChanged();
        }
    }

    private void LoadIfChanged()
    {
        var path = options.Value.Path;
        if (path is null || !File.Exists(path))
        {
            LogNoFile(path);
            return;
        }

        var version = File.GetLastWriteTimeUtc(path);
        if (version == _loadedVersion)
        {
            return;
        }

        try
        {
            var file = JsonSerializer.Deserialize<KeyFile>(File.ReadAllBytes(path), JsonSerializerOptions.Web);
            _keys = [.. (file?.Keys ?? []).Select(ToKey)];
            _loadedVersion = version;
            LogLoaded(_keys.Count);
        }
        catch (Exception error) when (error is JsonException or IOException or FormatException)
        {
            // A file caught half-written is read again in two seconds; the keys known so far stay valid.
            LogUnreadable(error, path);
        }
    }

    private static ApiKey ToKey(KeyEntry entry) => new()
    {
        Client = entry.Client,
        Hash = Convert.FromHexString(entry.Sha256),
        Scopes = entry.Scopes,
        RequestsPerSecond = entry.RequestsPerSecond,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} API keys loaded")]
    private partial void LogLoaded(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No key file at {Path}: every request with a key is refused")]
    private partial void LogNoFile(string? path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Key file {Path} cannot be read")]
    private partial void LogUnreadable(Exception error, string path);

    private sealed record KeyFile(IReadOnlyList<KeyEntry> Keys);

    private sealed record KeyEntry(string Client, string Sha256, IReadOnlyList<string> Scopes, int? RequestsPerSecond);
}

/// <summary>One accepted key.</summary>
public sealed record ApiKey
{
    /// <summary>Who has it.</summary>
    public required string Client { get; init; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What it may do.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Its own rate limit; null for the default.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>What requests with the key are made as: one object for all of them, which nobody changes.</summary>
    internal ClaimsPrincipal Principal => field ??= new ClaimsPrincipal(new ClaimsIdentity(Claims(), ApiKeys.Scheme));

    private IEnumerable<Claim> Claims()
    {
        yield return new Claim(ClaimTypes.Name, Client);
        foreach (var scope in Scopes)
        {
            yield return new Claim(ApiKeyHandler.ScopeClaim, scope);
        }

        if (RequestsPerSecond is { } rate)
        {
            yield return new Claim(ApiKeyHandler.RateClaim, rate.ToString(CultureInfo.InvariantCulture));
        }
    }
}
