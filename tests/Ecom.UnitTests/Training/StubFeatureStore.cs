using System.Net;
using Ecom.Training.Data;

namespace Ecom.UnitTests.Training;

/// <summary>A feature store that answers from memory.</summary>
internal sealed class StubFeatureStore(HttpStatusCode status, params byte[] body) : HttpMessageHandler
{
    public static FeatureStore With(byte[] body) => ToClient(new StubFeatureStore(HttpStatusCode.OK, body));

    public static FeatureStore With(HttpStatusCode status) => ToClient(new StubFeatureStore(status));

    public static FeatureStore Away() => ToClient(new AwayHandler());

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(status) { Content = new ByteArrayContent(body) });

    private static FeatureStore ToClient(HttpMessageHandler handler) =>
        new(new HttpClient(handler) { BaseAddress = new Uri("http://features.test/") });

    private sealed class AwayHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("Connection refused");
    }
}
