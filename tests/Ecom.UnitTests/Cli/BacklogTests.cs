using System.Text.Json.Nodes;
using Ecom.Cli.Demo;

namespace Ecom.UnitTests.Cli;

public sealed class BacklogTests
{
    [Fact]
    public void What_waits_to_be_tried_again_is_under_way_and_what_failed_for_good_is_not()
    {
        var health = JsonNode.Parse("""
            { "status": "ready", "checks": [
              { "name": "postgres", "data": {} },
              { "name": "outbox", "data": { "rows": 100, "oldestSeconds": 1.5 } },
              { "name": "queues", "data": {
                "fraud-order-placed": { "messages": 10, "consumers": 1, "errors": 7 },
                "fraud_retry_10s": { "messages": 1, "delaySeconds": 10 },
                "fraud_retry_1h": { "messages": 0, "delaySeconds": 3600 } } } ] }
            """)!;

        Assert.Equal(111, Backlog.WaitingIn(health));
    }
}
