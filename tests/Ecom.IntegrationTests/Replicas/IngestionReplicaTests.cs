using System.Text.Json;
using Ecom.IntegrationTests.Ingestion;
using Xunit;

namespace Ecom.IntegrationTests.Replicas;

/// <summary>Two replicas of ingestion on one database: a message id is accepted once, whoever gets it.</summary>
public sealed class IngestionReplicaTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    private const int Rounds = 10;
    private const int BatchSize = 20;

    [Fact]
    public async Task The_same_events_at_two_replicas_at_once_are_accepted_once()
    {
        await using var second = await ingestion.StartReplicaAsync();

        for (var round = 0; round < Rounds; round++)
        {
            var replies = await Task.WhenAll(
                IngestionFixture.SendAsync(ingestion.Service, "/v1/batch", Batch(round, reversed: false)),
                IngestionFixture.SendAsync(second, "/v1/batch", Batch(round, reversed: true)));

            Assert.All(replies, reply => Assert.Equal(202, reply.Status));
            var verdicts = replies.SelectMany(Verdicts).ToLookup(verdict => verdict.MessageId);
            Assert.Equal(BatchSize, verdicts.Count);
            Assert.All(verdicts, of =>
            {
                Assert.Equal(["accepted", "duplicate"], of.Select(verdict => verdict.Status).Order());
                Assert.Single(of.Select(verdict => verdict.EventId).Distinct());
            });
        }

        Assert.Equal(Rounds * BatchSize, await ingestion.ScalarAsync<int>("select count(*)::int from events"));
    }

    private static IEnumerable<(string MessageId, string Status, string EventId)> Verdicts(Reply reply) =>
        reply.Body.GetProperty("results").EnumerateArray().Select(result => (
            result.GetProperty("messageId").GetString()!,
            result.GetProperty("status").GetString()!,
            result.GetProperty("eventId").GetString()!));

    // In opposite orders, as two storefronts send again what a third may have sent.
    private static string Batch(int round, bool reversed)
    {
        var numbers = Enumerable.Range(0, BatchSize);
        return JsonSerializer.Serialize(new
        {
            batch = (reversed ? numbers.Reverse() : numbers).Select(number => new
            {
                type = "track",
                @event = "Product Viewed",
                messageId = $"{round}-{number}",
                userId = "ann",
                properties = new { product_id = "tea" },
            }),
        });
    }
}
