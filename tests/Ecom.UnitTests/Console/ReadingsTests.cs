using System.Text.Json;
using Ecom.Console.Live;

namespace Ecom.UnitTests.Console;

public sealed class ReadingsTests
{
    [Fact]
    public void Health_gives_queues_outbox_and_what_is_wrong()
    {
        var health = JsonElement.Parse("""
            {
              "status": "unready",
              "checks": [
                { "name": "postgres", "status": "Unhealthy", "description": "away", "data": {} },
                { "name": "queues", "status": "Healthy", "description": null,
                  "data": { "fraud-order-placed": { "messages": 7, "consumers": 2, "errors": 1 },
                            "fraud_retry_10s": { "messages": 4, "delaySeconds": 10 } } },
                { "name": "outbox", "status": "Healthy", "data": { "rows": 3, "oldestSeconds": 0.5 } }
              ]
            }
            """);

        var state = Readings.Service("fraud", health, answerMs: 4);

        Assert.Equal(Readiness.Unready, state.Readiness);
        Assert.Equal(["Unhealthy", "Healthy", "Healthy"], state.Checks.Select(check => check.Status));
        Assert.Equal(2, state.Queues.Count);
        var (queue, delay) = (state.Queues[0], state.Queues[1]);
        Assert.Equal(("fraud_retry_10s", 4, null, 0), (delay.Name, delay.Messages, delay.Consumers, delay.Errors));
        Assert.Equal(("fraud-order-placed", 7, 2, 1), (queue.Name, queue.Messages, queue.Consumers, queue.Errors));
        Assert.Equal((3, 0.5), (state.Outbox?.Rows, state.Outbox?.OldestSeconds));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{ "status": 1, "checks": {} }""")]
    public void An_answer_of_another_shape_is_unready_and_no_error(string answer)
    {
        var state = Readings.Service("fraud", JsonElement.Parse(answer), answerMs: 1);

        Assert.Equal(Readiness.Unready, state.Readiness);
        Assert.Empty(state.Queues);
        Assert.Empty(Readings.Recent(JsonElement.Parse("{}")));
        Assert.Empty(Readings.Rejects(JsonElement.Parse("{}")));
    }

    [Fact]
    public void Recent_events_are_masked_and_lead_to_their_trace()
    {
        var happened = Assert.Single(Readings.Recent(JsonElement.Parse("""
            [{
              "kind": "OrderPlaced", "subject": "o-1", "client": "storefront", "customerId": "17850",
              "occurredAt": "2026-03-01T10:00:00Z", "receivedAt": "2026-03-01T10:00:01Z", "backfill": true,
              "traceParent": "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01"
            }]
            """)));

        Assert.Equal("17***", happened.Customer);
        Assert.Equal("0102030405060708090a0b0c0d0e0f10", happened.TraceId);
        Assert.True(happened.Backfill);
    }

    [Fact]
    public void Rejected_events_and_lines_count_together_most_frequent_first()
    {
        var rejects = Readings.Rejects(JsonElement.Parse("""
            [{ "reason": "a", "events": 1, "lines": 0 }, { "reason": "b", "events": 1, "lines": 4 }]
            """));

        Assert.Equal([("b", 5L), ("a", 1L)], rejects.Select(reject => (reject.Reason, reject.Count)));
    }

    [Theory]
    [InlineData("ecom_outbox_published_total{otel_scope_name=\"Ecom.Messaging\"} 42 1700000000", 42)]
    [InlineData("ecom_outbox_published_total 7", 7)]
    [InlineData("# HELP ecom_outbox_published_total x\nother 1", null)]
    public void The_count_of_published_messages_is_found_among_the_metrics(string page, int? expected) =>
        Assert.Equal(expected, Readings.Published(page));
}
