using System.Net;
using Ecom.Fraud;
using Ecom.ServiceDefaults.Keys;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;

namespace Ecom.IntegrationTests.Fraud;

/// <summary>
/// A stream holds a connection: it shows that it lives, there are only so many, and none keeps the service from
/// stopping.
/// </summary>
public sealed class StreamLimitTests(Backends backends) : IClassFixture<Backends>
{
    [Fact]
    public async Task One_too_many_is_refused_and_a_stop_ends_the_others()
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:Postgres"] = (await backends.CreateDatabaseAsync("fraud")).ConnectionString,
            ["ConnectionStrings:Redis"] = await backends.CreateRedisDatabaseAsync(),
            ["ConnectionStrings:RabbitMq"] = (await backends.CreateVirtualHostAsync()).ToString(),
            ["Fraud:Alerts:MaxStreams"] = "1",
        };
        var fraud = await ServiceHost.StartAsync(app => app.AddFraud(), app => app.MapFraud(), configuration);
        using var client = fraud.CreateClient(Scopes.Fraud);
        using var open = await OpenAsync(client);
        using (var refused = await OpenAsync(client))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using var reader = new StreamReader(await open.Content.ReadAsStreamAsync());
        Assert.Equal("retry: 2000", await reader.ReadLineAsync());
        Assert.Equal("", await reader.ReadLineAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        Assert.Equal(": still here", await reader.ReadLineAsync(patience.Token));
        var rest = reader.ReadToEndAsync();
        var stopping = fraud.DisposeAsync().AsTask();

        // It ends in order: one that is cut off could not be read to its end.
        Assert.Equal("", (await rest.WaitAsync(TimeSpan.FromMinutes(1))).Trim());
        await stopping.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static Task<HttpResponseMessage> OpenAsync(HttpClient client) =>
        client.GetAsync("/v1/alerts/stream", HttpCompletionOption.ResponseHeadersRead);
}
