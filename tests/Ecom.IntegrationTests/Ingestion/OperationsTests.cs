using System.Text.Json;
using Dapper;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

public sealed class OperationsTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    [Fact]
    public async Task A_rejected_event_is_mended_replayed_once_and_then_accepted()
    {
        var rejected = await ingestion.SendAsync("/v1/track", """
            {"event":"Produkt Viewed","messageId":"typo","userId":"u","properties":{"product_id":"p"}}
            """);
        var id = rejected.Body.GetProperty("eventId").GetGuid();

        var asItWas = await ingestion.SendAsync($"/v1/rejected/{id}/replay", "", "ops");
        var listed = await ingestion.GetAsync("/v1/rejected?reason=unknown_event&limit=500", "ops");
        var item = listed.GetProperty("items").EnumerateArray().First(i => i.GetProperty("id").GetGuid() == id);
        var body = item.GetProperty("payload").GetRawText()
            .Replace("Produkt", "Product", StringComparison.Ordinal);
        var mended = await ingestion.SendAsync($"/v1/rejected/{id}/replay", body, "ops");
        var again = await ingestion.SendAsync($"/v1/rejected/{id}/replay", body, "ops");

        Assert.Equal(422, asItWas.Status);
        Assert.Equal(202, mended.Status);
        Assert.Equal("accepted", mended.Body.GetProperty("result").GetProperty("status").GetString());
        Assert.Equal(409, again.Status);
        Assert.Equal("client-ingest", await ingestion.ScalarAsync<string>(
            "select client from events where message_id = 'typo'"));
    }

    [Fact]
    public async Task An_event_of_a_single_endpoint_keeps_its_type_for_the_replay()
    {
        var rejected = await ingestion.SendAsync("/v1/page", """{"messageId":"page-1"}""");
        var id = rejected.Body.GetProperty("eventId").GetGuid();

        var mended = await ingestion.SendAsync(
            $"/v1/rejected/{id}/replay", """{"type":"page","messageId":"page-1","userId":"u"}""", "ops");
        var payload = await ingestion.ScalarAsync<string>("select payload from rejections where id = @id", new { id });

        Assert.Equal(202, mended.Status);
        Assert.Contains("\"type\":\"page\"", payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejections_are_paged_and_summed_by_reason()
    {
        var bad = Enumerable.Range(0, 5).Select(_ => """{"type":"track","event":"Products Searched","userId":"u"}""");
        await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch([.. bad]));

        var first = await ingestion.GetAsync("/v1/rejected?reason=query_missing&limit=3", "ops");
        var cursor = first.GetProperty("next").GetString();
        var second = await ingestion.GetAsync($"/v1/rejected?reason=query_missing&limit=3&cursor={cursor}", "ops");
        var summary = await ingestion.GetAsync("/v1/rejected/summary", "ops");

        Assert.Equal(3, first.GetProperty("items").GetArrayLength());
        Assert.Equal(2, second.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(5, summary.EnumerateArray()
            .Single(row => row.GetProperty("reason").GetString() == "query_missing").GetProperty("events").GetInt32());
    }

    [Fact]
    public async Task The_summary_counts_every_event_and_line_once()
    {
        var before = await ingestion.GetAsync("/v1/summary", "ops");
        const string Order = """
            {"type":"track","event":"Order Completed","messageId":"sum","userId":"u","properties":{"order_id":"sum-1",
             "products":[{"product_id":"a","price":1},{"product_id":"a","price":1},{"product_id":"b","price":0}]}}
            """;
        const string Bad = """
            {"type":"track","event":"Order Completed","messageId":"bad","properties":{"order_id":"sum-2",
             "products":[{"product_id":"a","price":1},{"product_id":"c","price":1}]}}
            """;

        await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(Order, Order, Bad));

        var after = await ingestion.GetAsync("/v1/summary", "read");
        long Grown(params string[] path) => Value(after, path) - Value(before, path);
        Assert.Equal((1, 1, 1), (Grown("accepted"), Grown("duplicates"), Grown("rejected")));
        Assert.Equal(1, Grown("acceptedByKind", "OrderPlaced"));
        Assert.Equal(1, Grown("rejectedByReason", "missing_user"));
        Assert.Equal(
            (2, 3, 3), (Grown("lines", "accepted"), Grown("lines", "duplicates"), Grown("lines", "rejected")));
        Assert.Equal(2, Grown("lines", "rejectedByReason", "missing_user"));
        Assert.Equal(1, Grown("lines", "rejectedByReason", "price_not_positive"));
        Assert.Equal(await ingestion.ScalarAsync<long>("select count(*) from events"), Value(after, "accepted"));
    }

    [Fact]
    public async Task The_newest_events_show_no_whole_id_of_a_person()
    {
        await ingestion.SendAsync("/v1/track", IngestionFixture.View("recent", userId: "customer-c2f9x"));

        var recent = await ingestion.GetAsync("/v1/events/recent?limit=5", "ops");

        Assert.Contains(recent.EnumerateArray(), e => e.GetProperty("customerId").GetString() == "cu***");
        Assert.DoesNotContain("c2f9x", recent.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erased_customer_leaves_log_rejections_and_identity_and_is_refused_from_then_on()
    {
        const string Id = "forget-me";
        await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            """{"type":"page","messageId":"e-1","anonymousId":"own-browser"}""",
            $$"""{"type":"identify","messageId":"e-2","userId":"{{Id}}","anonymousId":"own-browser"}""",
            $$"""{"type":"page","messageId":"e-3","userId":"{{Id}}","anonymousId":"family-browser"}""",
            """{"type":"page","messageId":"e-4","userId":"sister","anonymousId":"family-browser"}""",
            """{"type":"page","messageId":"e-5","anonymousId":"family-browser"}""",
            $$"""{"type":"track","event":"Nonsense","messageId":"e-6","userId":"{{Id}}"}"""));
        var export = await ingestion.GetAsync($"/v1/customers/{Id}/export", "admin");

        var erasure = await ingestion.SendAsync($"/v1/customers/{Id}/erase", "", "admin");
        var later = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            IngestionFixture.View("e-7", Id),
            """{"type":"page","messageId":"e-8","anonymousId":"own-browser"}""",
            """{"type":"page","messageId":"e-9","anonymousId":"family-browser"}"""));

        Assert.Equal(3, export.GetProperty("events").GetArrayLength());
        Assert.Equal(202, erasure.Status);
        Assert.Equal((3, 1), (erasure.Body.GetProperty("events").GetInt32(),
            erasure.Body.GetProperty("rejections").GetInt32()));
        Assert.Equal(["erased", "erased", null], Enumerable.Range(0, 3).Select(later.ReasonOf));
        await using var connection = await ingestion.Database.OpenConnectionAsync();
        var left = await connection.QueryAsync<string>(
            "select message_id from events where message_id like 'e-_' order by 1");
        Assert.Equal(["e-4", "e-5", "e-9"], left);
        var stored = string.Join('\n', await connection.QueryAsync<string>("""
            select e::text from events e union all select r::text from rejections r
            union all select c::text from customers c union all select i::text from identities i
            union all select x::text from erased_ids x
            """));
        Assert.DoesNotContain(Id, stored, StringComparison.Ordinal);
        Assert.DoesNotContain("own-browser", stored, StringComparison.Ordinal);
    }

    private static long Value(JsonElement summary, params string[] path)
    {
        var value = summary;
        foreach (var name in path)
        {
            if (!value.TryGetProperty(name, out value))
            {
                return 0;
            }
        }

        return value.GetInt64();
    }
}
