using System.Text.Json.Nodes;
using Ecom.Contracts.Orders;

namespace Ecom.UnitTests.Contracts;

/// <summary>
/// Every shop event names what it must be kept in order with: with it queues can be split over consumers and brokers
/// without a change of contract.
/// </summary>
public sealed class PartitionKeyTests
{
    // What services say of what they worked out: one message an entity, named by its id, and last of all by version.
    private static readonly string[] _derived =
        ["Features", "Forecasts", "Fraud", "Models", "Profiles", "Recommendations"];

    [Fact]
    public void Every_shop_event_carries_a_partition_key()
    {
        var folder = Path.Combine(Repository.Root, "tests/Ecom.UnitTests/Contracts");
        var shop = Messages.All.Where(message => !_derived.Contains(message.Namespace!.Split('.')[^1])).ToArray();

        Assert.Contains(typeof(OrderPlaced), shop);
        Guard.Holds(shop.SelectMany(message => Missing(
            Messages.NameOf(message),
            JsonNode.Parse(File.ReadAllText(Path.Combine(folder, $"{Messages.NameOf(message)}.json")))!)));
    }

    [Theory]
    [InlineData("""{"orderId":"1","partitionKey":"ann"}""", 0)]
    [InlineData("""{"orderId":"1","partitionKey":""}""", 1)]
    [InlineData("""{"orderId":"1"}""", 1)]
    [InlineData("""{"interactions":[{"partitionKey":"ann"},{"partitionKey":"bob"}]}""", 0)]
    [InlineData("""{"interactions":[{"partitionKey":"ann"},{"kind":"x"}]}""", 1)]
    [InlineData("""{"interactions":[]}""", 1)]
    public void A_gap_is_caught(string json, int gaps) =>
        Assert.Equal(gaps, Missing("Planted", JsonNode.Parse(json)!).Count());

    // A message of many events has a key in each of them.
    private static IEnumerable<string> Missing(string name, JsonNode message)
    {
        JsonNode?[] events = message["interactions"] is JsonArray many ? [.. many] : [message];
        if (events.Length == 0)
        {
            yield return $"{name}: the example has no event.";
        }

        foreach (var one in events)
        {
            if (one?["partitionKey"]?.GetValue<string>() is null or "")
            {
                yield return $"{name}: an event without partition key: {one?.ToJsonString()}";
            }
        }
    }
}
