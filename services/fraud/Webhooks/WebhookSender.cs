using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Ecom.Fraud.Webhooks;

/// <summary>Sends an event to its receiver, once: no redirects, no proxy, ten seconds.</summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);
    private readonly WebhookSecrets _secrets;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    public WebhookSender(IOptions<FraudOptions> options, WebhookSecrets secrets, TimeProvider clock)
    {
        _secrets = secrets;
        _clock = clock;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = 16,
            ConnectCallback = (context, cancellation) => WebhookTarget.ConnectAsync(
                context.DnsEndPoint, options.Value.Webhooks, cancellation),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<Attempt> SendAsync(DueDelivery delivery, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_timeout);
        try
        {
            using var request = RequestOf(delivery);
            using var answer = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var status = (int)answer.StatusCode;
            return new Attempt(
                answer.IsSuccessStatusCode,
                status,
                answer.IsSuccessStatusCode ? null
                    : status is >= 300 and < 400 ? $"Answered {status}; redirects are not followed."
                    : $"Answered {status}.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Attempt(false, null, $"No answer within {_timeout.TotalSeconds:0} seconds.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new Attempt(false, null, error.Message);
        }
        catch (CryptographicException)
        {
            return new Attempt(
                false, null, "Its secret cannot be read: Privacy:HashKey has changed. Rotate the webhook's secret.");
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage RequestOf(DueDelivery delivery)
    {
        var now = _clock.GetUtcNow();
        var body = JsonSerializer.Serialize(
            new
            {
                id = delivery.EventId,
                position = delivery.Position,
                kind = delivery.Kind,
                version = delivery.Version,
                at = delivery.At,
                data = JsonNode.Parse(delivery.Body),
            },
            JsonSerializerOptions.Web);
        List<string> secrets = [_secrets.Decrypt(delivery.Secret)];
        if (delivery.PreviousSecret is { } previous && delivery.PreviousUntil > now)
        {
            secrets.Add(_secrets.Decrypt(previous));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Of(secrets, now, body));
        request.Headers.Add("X-Ecom-Delivery", delivery.DeliveryId.ToString());
        request.Headers.Add("X-Ecom-Event", delivery.Kind);
        return request;
    }
}
