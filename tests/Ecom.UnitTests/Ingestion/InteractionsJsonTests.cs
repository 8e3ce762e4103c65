using System.Text;
using Ecom.Contracts;
using Ecom.Contracts.Behaviour;
using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Messaging;

namespace Ecom.UnitTests.Ingestion;

public sealed class InteractionsJsonTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_message_put_together_from_its_parts_is_what_the_serialiser_writes(int count)
    {
        var interactions = Enumerable.Range(0, count).Select(Interaction).ToArray();

        var together = InteractionsJson.Write(interactions.Select(Outbox.Serialize));

        var whole = Outbox.Serialize(new InteractionsRecorded { Interactions = interactions });
        Assert.Equal(Encoding.UTF8.GetString(whole), Encoding.UTF8.GetString(together));
    }

    private static Interaction Interaction(int number) => new()
    {
        EventId = new Guid(number, 0, 0, new byte[8]),
        Kind = InteractionKind.ProductViewed,
        CustomerId = $"küñde \"{number}\"",
        ProductId = "85123A",
        Source = new Source(),
        OccurredAt = DateTimeOffset.UnixEpoch,
        ReceivedAt = DateTimeOffset.UnixEpoch,
        PartitionKey = $"{number}",
    };
}
