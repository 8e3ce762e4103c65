using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Ecom.Cli.Infrastructure;
using Ecom.Cli.Services;

namespace Ecom.Cli.Demo;

/// <summary>Asks the services of the running system, with the key of its administrator.</summary>
internal sealed class SystemClient : IDisposable
{
    private readonly InstanceDirectory _instance;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(100) };

    /// <exception cref="SetupException">No system has been started in the instance.</exception>
    public SystemClient(InstanceDirectory instance)
    {
        _instance = instance;
        var keys = instance.Load<Dictionary<string, string>>("secrets/keys.json");
        _http.DefaultRequestHeaders.Add("X-Api-Key", keys?.GetValueOrDefault("admin")
            ?? throw new SetupException("No system has been started here. Run ./ecom up."));
    }

    public void Dispose() => _http.Dispose();

    /// <param name="service">Name of the service, for example "feature-store".</param>
    /// <param name="path">Path and query.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Null when the service knows nothing of it (404).</returns>
    /// <exception cref="SetupException">The service refuses or does not answer.</exception>
    public async Task<JsonNode?> GetAsync(string service, string path, CancellationToken cancellation)
    {
        using var answer = await SendAsync(
            new HttpRequestMessage(HttpMethod.Get, Address(service, path)), cancellation);
        return answer.StatusCode == System.Net.HttpStatusCode.NotFound
            ? null
            : await ReadAsync(answer, cancellation);
    }

    /// <exception cref="SetupException">The service refuses or does not answer.</exception>
    public Task<JsonNode?> PostAsync(string service, string path, object? body, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, service, path, body, cancellation);

    /// <exception cref="SetupException">The service refuses or does not answer.</exception>
    public Task<JsonNode?> PutAsync(string service, string path, object? body, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Put, service, path, body, cancellation);

    /// <summary>
    /// What a service says of its readiness, also while it is not ready; null while it does not answer.
    /// </summary>
    public async Task<JsonNode?> TryReadHealthAsync(string service, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync(Address(service, "/health/ready"), cancellation);
            return await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A client of its own with the administrator's key and without traces, for many requests.</summary>
    public HttpClient Connect()
    {
        var http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        http.DefaultRequestHeaders.Add("X-Api-Key", _http.DefaultRequestHeaders.GetValues("X-Api-Key"));
        return http;
    }

    /// <summary>Where a service listens.</summary>
    public Uri Address(string service, string path = "") => new(
        ServiceEnvironment.AddressOf(_instance, ServiceDefinition.All.Single(known => known.Name == service)), path);

    private async Task<JsonNode?> ChangeAsync(
        HttpMethod method, string service, string path, object? body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(method, Address(service, path))
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        using var answer = await SendAsync(request, cancellation);
        return await ReadAsync(answer, cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, cancellation);
        }
        catch (HttpRequestException failure)
        {
            throw new SetupException(
                $"{request.RequestUri} does not answer ({failure.Message}). See ./ecom status and ./ecom logs.",
                failure);
        }
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode)
        {
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            var start = text[..Math.Min(500, text.Length)];
            throw new SetupException($"{answer.RequestMessage?.RequestUri} says {(int)answer.StatusCode}: {start}");
        }

        return await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation);
    }
}
