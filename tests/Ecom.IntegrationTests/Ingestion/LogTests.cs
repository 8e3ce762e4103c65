using System.Text.Json;
using Dapper;
using Ecom.Testing;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

public sealed class LogTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    [Fact]
    public async Task The_log_gives_the_bus_messages_again_with_ids_content_and_grouping()
    {
        // The gate names a queue that no one declares, so that all messages stay in the outbox to compare with.
        var (service, database) = await ingestion.StartAloneAsync(null, ("Messaging:Subscribers:0", "none"));
        await using var stopping = service;
        await using var closing = database;
        var views = Enumerable.Range(0, 250).Select(i => IngestionFixture.View($"grouped-{i}", $"u{i}"));
        await IngestionFixture.SendAsync(service, "/v1/batch", IngestionFixture.Batch(
        [
            .. views,
            """
            {"type":"track","event":"Order Completed","userId":"u1","anonymousId":"a1","properties":{"order_id":"o-1",
             "products":[{"product_id":"p","price":1}]}}
            """,
            """{"type":"identify","userId":"u2","anonymousId":"a2"}""",
        ]));
        await IngestionFixture.SendAsync(
            service, "/v1/products/p", """{"name":"Mug","stock":3}""", method: HttpMethod.Put);

        var messages = await ReadLogAsync(service);

        await using var connection = await database.OpenConnectionAsync();
        var sent = (await connection.QueryAsync<(Guid Id, string Type, string Body)>(
            "select message_id, message_type, body from outbox")).ToDictionary(row => row.Id);
        Assert.Equal(7, messages.Count); // three of interactions, order, its link, identify, product
        Assert.Equal(sent.Keys.Order(), messages.Select(m => m.GetProperty("messageId").GetGuid()).Order());
        foreach (var message in messages)
        {
            var row = sent[message.GetProperty("messageId").GetGuid()];
            Assert.StartsWith(message.GetProperty("type").GetString() + ",", row.Type, StringComparison.Ordinal);
            Assert.True(JsonElement.DeepEquals(
                JsonDocument.Parse(row.Body).RootElement, message.GetProperty("body")));
        }

        Assert.Equal(
            [100, 100, 50],
            messages.Where(m => m.GetProperty("body").TryGetProperty("interactions", out _))
                .Select(m => m.GetProperty("body").GetProperty("interactions").GetArrayLength()));
    }

    [Fact]
    public async Task A_reader_misses_nothing_while_writers_commit_in_any_order()
    {
        await using var replica = await ingestion.StartReplicaAsync();
        var start = await EndOfLogAsync();
        using var writing = new CancellationTokenSource();
        var read = new List<string>();
        var reader = Task.Run(async () =>
        {
            var cursor = start;
            while (true)
            {
                var over = writing.IsCancellationRequested;
                var page = await ingestion.GetAsync($"/v1/log?after={cursor}&limit=101", "read");
                cursor = page.GetProperty("next").GetString();
                read.AddRange(EventIds(page));
                if (over && page.GetProperty("caughtUp").GetBoolean())
                {
                    return;
                }
            }
        });

        // Two replicas write at once, and a third writer holds its rows back while later ones commit.
        await using var slow = await ingestion.Database.OpenConnectionAsync();
        await using var held = await slow.BeginTransactionAsync();
        await slow.ExecuteAsync("""
            insert into events (received_at, occurred_at, event_id, client, message_id, kind, backfill, bus_message_id,
                body)
            values (now(), now(), '00000000-0000-0000-0000-000000000001', 'slow', 'slow', 'ProductViewed', false,
                gen_random_uuid(), '{"eventId":"00000000-0000-0000-0000-000000000001"}')
            """);
        await Task.WhenAll(Enumerable.Range(0, 80).Select(i => IngestionFixture.SendAsync(
            i % 2 == 0 ? ingestion.Service : replica,
            "/v1/batch",
            IngestionFixture.Batch(
                [.. Enumerable.Range(0, 10).Select(j => IngestionFixture.View($"race-{i}-{j}"))]))));
        await Task.Delay(300);
        await held.CommitAsync();
        await writing.CancelAsync();
        await reader;

        await using var connection = await ingestion.Database.OpenConnectionAsync();
        var written = (await connection.QueryAsync<Guid>(
            "select event_id from events where message_id like 'race-%' or client = 'slow'")).Select(id => $"{id}");
        Assert.Equal(801, written.Count());
        Assert.Equal(written.Order(), read.Order());
    }

    [Fact]
    public async Task An_unknown_cursor_is_400_and_reading_needs_its_scope()
    {
        Assert.Equal(400, (await GetStatusAsync("/v1/log?after=nonsense", "read")));
        Assert.Equal(403, (await GetStatusAsync("/v1/log", "ingest")));
    }

    private async Task<int> GetStatusAsync(string path, string scope)
    {
        using var client = ingestion.Service.CreateClient(scope);
        using var response = await client.GetAsync(path);
        return (int)response.StatusCode;
    }

    private async Task<string?> EndOfLogAsync()
    {
        string? cursor = null;
        while (true)
        {
            var page = await ingestion.GetAsync($"/v1/log?after={cursor}&limit=10000", "read");
            cursor = page.GetProperty("next").GetString();
            if (page.GetProperty("caughtUp").GetBoolean())
            {
                return cursor;
            }
        }
    }

    private static async Task<List<JsonElement>> ReadLogAsync(ServiceHost service)
    {
        var messages = new List<JsonElement>();
        string? cursor = null;
        while (true)
        {
            var page = await IngestionFixture.GetAsync(service, $"/v1/log?after={cursor}&limit=101", "read");
            messages.AddRange(page.GetProperty("messages").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
            if (page.GetProperty("caughtUp").GetBoolean())
            {
                return messages;
            }
        }
    }

    private static IEnumerable<string> EventIds(JsonElement page) => page.GetProperty("messages").EnumerateArray()
        .Select(message => message.GetProperty("body"))
        .Where(body => body.TryGetProperty("interactions", out _))
        .SelectMany(body => body.GetProperty("interactions").EnumerateArray())
        .Select(interaction => interaction.GetProperty("eventId").GetString()!);
}
