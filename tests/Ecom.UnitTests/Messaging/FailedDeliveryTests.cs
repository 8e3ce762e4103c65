using System.Text;
using Ecom.ServiceDefaults.Messaging.Failures;
using RabbitMQ.Client;

namespace Ecom.UnitTests.Messaging;

public sealed class FailedDeliveryTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_copy_keeps_id_and_headers_and_loses_those_of_the_broker_and_of_earlier_failures()
    {
        var copy = FailureHeaders.Original(Properties());

        Assert.Equal("m-1", copy.MessageId);
        Assert.Equal(DeliveryModes.Persistent, copy.DeliveryMode);
        Assert.False(copy.IsExpirationPresent());
        Assert.Equal(["count", "traceparent"], copy.Headers!.Keys.Order());
    }

    [Fact]
    public void A_replayed_message_is_as_its_sender_made_it()
    {
        var parked = FailedDelivery.Read("fraud-order-placed", Properties(), "{}"u8.ToArray(), _now);
        var properties = FailedDelivery.PropertiesOf(parked);

        Assert.Equal("m-1", properties.MessageId);
        Assert.Equal("application/json", properties.ContentType);
        Assert.Equal(["count", "traceparent"], properties.Headers!.Keys.Order());
        Assert.Equal(3L, properties.Headers["count"]);
        Assert.Equal(4, parked.Attempts);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", parked.TraceId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"messageType\":\"one\",\"messageId\":7}")]
    [InlineData("{\"messageType\":[],\"messageId\":null}")]
    [InlineData("{\"messageType\":[null]}")]
    [InlineData("\0")]
    public void Whatever_the_body_is_it_is_kept(string body)
    {
        var parked = FailedDelivery.Read("queue", new BasicProperties(), Encoding.UTF8.GetBytes(body), _now);

        Assert.Equal(body, Encoding.UTF8.GetString(parked.Body));
        Assert.Null(parked.MessageType);
        Assert.Null(parked.MessageId);
        Assert.Equal(64, parked.MessageKey.Length);
        Assert.Equal((_now, _now), (parked.FirstFailedAt, parked.LastFailedAt));
        Assert.Equal("DeliveryLimit", parked.FaultType);
    }

    [Theory]
    [InlineData(250, "fraud_retry_250ms")]
    [InlineData(1_500, "fraud_retry_1500ms")]
    [InlineData(10_000, "fraud_retry_10s")]
    [InlineData(60_000, "fraud_retry_1m")]
    [InlineData(5_400_000, "fraud_retry_90m")]
    [InlineData(3_600_000, "fraud_retry_1h")]
    public void A_delay_queue_is_named_by_its_delay(int milliseconds, string expected) =>
        Assert.Equal(expected, FailureQueues.NameOf("fraud", TimeSpan.FromMilliseconds(milliseconds)));

    private static BasicProperties Properties() => new()
    {
        MessageId = "m-1",
        ContentType = "application/json",
        Expiration = "1000",
        Headers = new Dictionary<string, object?>
        {
            ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"u8.ToArray(),
            ["count"] = 3,
            ["x-death"] = new List<object>(),
            ["x-delivery-count"] = 2L,
            [FailureHeaders.Attempts] = 4,
            [FailureHeaders.FaultType] = "Fault"u8.ToArray(),
            [FailureHeaders.LastFailedAt] = "2026-11-01T11:00:00.0000000+00:00"u8.ToArray(),
        },
    };
}
