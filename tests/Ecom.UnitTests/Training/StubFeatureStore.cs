using System.Net;

namespace Ecom.UnitTests.Training;

/// <summary>A feature store that answers from memory.</summary>
internal sealed class StubFeatureStore(HttpStatusCode status, params byte[] body) : HttpMessageHandler
{
    public static Ecom.Training.Data.FeatureStore With(byte[] body) =>
        ToClient(new StubFeatureStore(HttpStatusCode.OK, body));

    public static Ecom.Training.Data.FeatureStore With(HttpStatusCode status) =>
        ToClient(new StubFeatureStore(status));

    public static Ecom.Training.Data.FeatureStore Away() => ToClient(new AwayHandler());

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage(status) { Content = new ByteArrayContent(body) });

    private static Ecom.Training.Data.FeatureStore ToClient(HttpMessageHandler handler) =>
        new(new HttpClient(handler) { BaseAddress = new Uri("http://features.test/") });

    private sealed class AwayHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("Connection refused");
    }
}
