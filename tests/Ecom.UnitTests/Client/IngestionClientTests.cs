using System.Net;
using System.Text;
using System.Text.Json;
using Ecom.Client;
using Microsoft.Extensions.Time.Testing;

namespace Ecom.UnitTests.Client;

public sealed class IngestionClientTests
{
    [Fact]
    public async Task Events_are_sent_in_requests_of_at_most_500_and_1_MB_and_keep_their_order()
    {
        using var platform = new Platform();
        var small = Enumerable.Range(0, 501).Select(i => ShopEvent.Page("/x") with { MessageId = $"s{i}" }).ToArray();
        var large = Enumerable.Range(0, 12)
            .Select(i => ShopEvent.Page(new string('x', 100_000)) with { MessageId = $"l{i}" }).ToArray();

        var verdicts = await platform.Client().SendBatchAsync([.. small, .. large]);

        Assert.Equal(small.Concat(large).Select(e => e.MessageId), verdicts.Select(v => v.MessageId));
        Assert.Equal(3, platform.Bodies.Count);
        Assert.All(platform.Bodies, body => Assert.InRange(body.Length, 1, 1024 * 1024));
    }

    [Fact]
    public async Task A_request_is_tried_again_after_the_stated_time_with_the_same_message_id()
    {
        using var platform = new Platform(HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK);
        var clock = new FakeTimeProvider();

        var sending = platform.Client(clock: clock).SendAsync(ShopEvent.ProductViewed("p"));
        await platform.Received.WaitAsync();
        clock.Advance(TimeSpan.FromSeconds(6.9));
        await Task.Yield();
        Assert.Single(platform.Bodies);
        while (!sending.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.Equal(EventStatus.Accepted, (await sending).Status);
        Assert.Equal(2, platform.Bodies.Count);
        Assert.Equal(platform.Bodies[0], platform.Bodies[1]);
    }

    [Fact]
    public async Task What_does_not_pass_by_itself_is_told_at_once()
    {
        using var platform = new Platform(HttpStatusCode.Forbidden);

        var error = await Assert.ThrowsAsync<EcomRequestException>(
            () => platform.Client().SendAsync(ShopEvent.ProductViewed("p")));

        Assert.Equal(403, error.Status);
        Assert.Equal("Refused: because", error.Message);
        Assert.Single(platform.Bodies);
    }

    [Fact]
    public async Task The_last_attempt_tells_what_the_platform_said()
    {
        using var platform = new Platform(HttpStatusCode.ServiceUnavailable);

        var error = await Assert.ThrowsAsync<EcomRequestException>(
            () => platform.Client(attempts: 1).SendAsync(ShopEvent.ProductViewed("p")));

        Assert.Equal(503, error.Status);
    }

    [Fact]
    public async Task A_buffer_sends_full_batches_and_what_is_left_when_it_is_disposed()
    {
        using var platform = new Platform();
        var told = new List<int>();
        await using (var buffer = new EventBuffer(
            platform.Client(), batch: 10, longestWait: TimeSpan.FromMinutes(1), onVerdicts: v => told.Add(v.Count)))
        {
            for (var i = 0; i < 25; i++)
            {
                Assert.True(buffer.TryAdd(ShopEvent.ProductViewed($"p{i}")));
            }
        }

        Assert.Equal([10, 10, 5], told);
    }

    [Fact]
    public async Task Values_that_are_unknown_are_left_out()
    {
        using var platform = new Platform();

        await platform.Client().SendAsync(
            ShopEvent.OrderCompleted("o", [new OrderedProduct("p", 2.5m)]) with { UserId = "u" });

        var sent = JsonDocument.Parse(platform.Bodies[0]).RootElement.GetProperty("batch")[0];
        Assert.Equal("Order Completed", sent.GetProperty("event").GetString());
        Assert.False(sent.TryGetProperty("anonymousId", out _));
        Assert.False(sent.GetProperty("properties").TryGetProperty("currency", out _));
        var line = sent.GetProperty("properties").GetProperty("products")[0];
        Assert.Equal("p", line.GetProperty("product_id").GetString());
        Assert.Equal(1, line.GetProperty("quantity").GetInt32());
    }

    // Answers with the given statuses in turn, then with the last one for ever; keeps what it was sent.
    private sealed class Platform(params HttpStatusCode[] statuses) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public SemaphoreSlim Received { get; } = new(0);

        public IngestionClient Client(int attempts = 6, TimeProvider? clock = null) => new(
            new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://127.0.0.1/") },
            attempts,
            clock);

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            var status = statuses.Length == 0
                ? HttpStatusCode.OK
                : statuses[Math.Min(Bodies.Count, statuses.Length - 1)];
            Bodies.Add(body);
            var response = new HttpResponseMessage(status);
            if (status == HttpStatusCode.OK)
            {
                var results = JsonDocument.Parse(body).RootElement.GetProperty("batch").EnumerateArray()
                    .Select(e => new
                    {
                        messageId = e.GetProperty("messageId").GetString(), status = "accepted", eventId = Guid.Empty,
                    });
                response.Content = new StringContent(
                    JsonSerializer.Serialize(new { results }), Encoding.UTF8, "application/json");
            }
            else
            {
                response.Content = new StringContent(
                    """{"title":"Refused","detail":"because"}""", Encoding.UTF8, "application/problem+json");
                response.Headers.RetryAfter = new(TimeSpan.FromSeconds(7));
            }

            Received.Release();
            return response;
        }
    }
}
