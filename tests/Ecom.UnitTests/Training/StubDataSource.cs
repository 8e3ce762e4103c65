using System.Net;
using Ecom.Training.Data;

namespace Ecom.UnitTests.Training;

/// <summary>A service that answers a feed from memory.</summary>
internal sealed class StubDataSource(HttpStatusCode status, params byte[] body) : HttpMessageHandler
{
    public static DataSource With(byte[] body, DataFeed? feed = null) =>
        ToSource(new StubDataSource(HttpStatusCode.OK, body), feed);

    public static DataSource With(HttpStatusCode status, DataFeed? feed = null) =>
        ToSource(new StubDataSource(status), feed);

    public static DataSource Away(DataFeed? feed = null) => ToSource(new AwayHandler(), feed);

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(status) { Content = new ByteArrayContent(body) });

    private static DataSource ToSource(HttpMessageHandler handler, DataFeed? feed) => new(
        new HttpClient(handler) { BaseAddress = new Uri("http://features.test/") }, feed ?? DataFeed.Interactions);

    private sealed class AwayHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("Connection refused");
    }
}
