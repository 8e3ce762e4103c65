using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Ecom.Testing;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

public sealed class RecordingTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    [Fact]
    public async Task An_event_that_is_sent_again_is_a_duplicate_of_the_first()
    {
        var first = await ingestion.SendAsync("/v1/track", IngestionFixture.View("again-1"));
        var second = await ingestion.SendAsync(
            "/v1/batch", IngestionFixture.Batch(IngestionFixture.View("again-1"), IngestionFixture.View("again-2")));

        Assert.Equal("accepted", first.Body.GetProperty("result").GetProperty("status").GetString());
        Assert.Equal(["duplicate", "accepted"], [second.StatusOf(0), second.StatusOf(1)]);
        Assert.Equal(
            first.Body.GetProperty("result").GetProperty("eventId").GetString(),
            second.Result(0).GetProperty("eventId").GetString());
    }

    [Fact]
    public async Task An_event_twice_in_one_batch_is_taken_once()
    {
        var reply = await ingestion.SendAsync(
            "/v1/batch", IngestionFixture.Batch(IngestionFixture.View("twin"), IngestionFixture.View("twin")));

        Assert.Equal(["accepted", "duplicate"], [reply.StatusOf(0), reply.StatusOf(1)]);
        Assert.Equal(
            reply.Result(0).GetProperty("eventId").GetString(), reply.Result(1).GetProperty("eventId").GetString());
        Assert.Equal(1, await ingestion.ScalarAsync<int>("select count(*) from events where message_id = 'twin'"));
    }

    [Fact]
    public async Task The_same_message_id_of_another_client_is_another_event()
    {
        await ingestion.SendAsync("/v1/track", IngestionFixture.View("shared"));
        var reply = await ingestion.SendAsync("/v1/track", IngestionFixture.View("shared"), scope: "admin");

        Assert.Equal("accepted", reply.Body.GetProperty("result").GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_order_and_a_payment_are_taken_once_whatever_their_message_ids()
    {
        var reply = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            Order("m-1", "order-1"), Order("m-2", "order-1"), Payment("m-3", "pay-1"), Payment("m-4", "pay-1")));
        var later = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            Order("m-5", "order-1"), Payment("m-6", "pay-1"), Order("m-7", "order-2")));

        Assert.Equal(
            ["accepted", "duplicate", "accepted", "duplicate"], Enumerable.Range(0, 4).Select(reply.StatusOf));
        Assert.Equal(["duplicate", "duplicate", "accepted"], Enumerable.Range(0, 3).Select(later.StatusOf));
        Assert.Equal(
            reply.Result(0).GetProperty("eventId").GetString(), later.Result(0).GetProperty("eventId").GetString());
        Assert.Equal(
            (1, 1, 0), Lines(reply));
    }

    [Fact]
    public async Task Faulty_lines_are_answered_counted_and_kept()
    {
        var order = """
            {"type":"track","event":"Order Completed","messageId":"lines","userId":"u","properties":{
             "order_id":"lines-1","products":[{"product_id":"a","price":1},{"product_id":"b","price":0},
             {"product_id":"c","price":1,"type":"fee"}]}}
            """;

        var reply = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(order));

        Assert.Equal((1, 0, 2), Lines(reply));
        Assert.Equal(
            ["price_not_positive", "not_a_product"],
            reply.Result(0).GetProperty("rejectedLines").EnumerateArray()
                .Select(line => line.GetProperty("reason").GetString()));
        Assert.Equal(2, await ingestion.ScalarAsync<int>(
            "select count(*) from rejections where line and message_id = 'lines'"));
    }

    [Fact]
    public async Task A_product_gets_a_version_for_each_change_and_for_nothing_else()
    {
        async Task<string> PutAsync(int stock) =>
            (await ingestion.SendAsync(
                "/v1/products/mug", $$"""{"name":"Mug","price":2.5,"stock":{{stock}}}""", method: HttpMethod.Put))
            .Body.GetProperty("result").GetProperty("status").GetString()!;

        Assert.Equal(["accepted", "duplicate", "accepted"], [await PutAsync(5), await PutAsync(5), await PutAsync(4)]);
        var bulk = await ingestion.SendAsync(
            "/v1/products/bulk",
            """
            {"products":[{"product_id":"mug","name":"Mug","price":2.5,"stock":3},
             {"product_id":"mug","name":"Mug","price":2.5,"stock":3},
             {"product_id":"mug","name":"Mug","price":2.5,"stock":2},
             {"product_id":"cup"}]}
            """,
            method: HttpMethod.Put);

        Assert.Equal(
            ["accepted", "duplicate", "accepted", "rejected"], Enumerable.Range(0, 4).Select(bulk.StatusOf));
        await using var connection = await ingestion.Database.OpenConnectionAsync();
        var bodies = await connection.QueryAsync<string>(
            "select body from events where subject = 'mug' and kind = 'ProductChanged' order by position");
        Assert.Equal(
            [1, 2, 3, 4],
            bodies.Select(body => JsonDocument.Parse(body).RootElement.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task The_log_is_partitioned_by_the_day_of_receipt()
    {
        await ingestion.SendAsync("/v1/track", IngestionFixture.View("partitioned"));

        var partition = await ingestion.ScalarAsync<string>(
            "select tableoid::regclass::text from events where message_id = 'partitioned'");
        var expected = await ingestion.ScalarAsync<string>(
            "select 'events_' || to_char(received_at at time zone 'utc', 'YYYYMMDD') from events"
            + " where message_id = 'partitioned'");
        Assert.Equal(expected, partition);
        await Eventually.BeTrueAsync(async () => await ingestion.ScalarAsync<int>(
            "select count(*) from pg_inherits where inhparent = 'events'::regclass") >= 4);
    }

    [Fact]
    public async Task A_link_is_told_once()
    {
        string Both(string id) =>
            $$"""{"type":"page","messageId":"{{id}}","userId":"linked","anonymousId":"browser-1"}""";

        await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(Both("link-1"), Both("link-2")));
        await ingestion.SendAsync("/v1/page", Both("link-3"));

        Assert.Equal(1, await ingestion.ScalarAsync<int>(
            "select count(*) from events where customer_id = 'linked' and link_message_id is not null"));
        Assert.Equal(1, await ingestion.ScalarAsync<int>(
            "select count(*) from identities where anonymous_id = 'browser-1' and customer_id = 'linked'"));
    }

    [Fact]
    public async Task A_group_with_a_request_that_cannot_be_written_fails_that_request_alone()
    {
        await using var administrator = new Npgsql.NpgsqlConnection(ingestion.TestDatabase.ConnectionString);
        await administrator.OpenAsync();
        await administrator.ExecuteAsync("""
            create function refuse_poison() returns trigger language plpgsql as $$
            begin
                if new.customer_id = 'poison' then raise exception 'poison'; end if;
                return new;
            end $$;
            create trigger refuse_poison before insert on events for each row execute function refuse_poison()
            """);

        var replies = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => ingestion.SendAsync(
            "/v1/track", IngestionFixture.View($"isolated-{i}", i % 20 == 7 ? "poison" : "fine"))));

        Assert.Equal(
            Enumerable.Range(0, 60).Select(i => i % 20 == 7 ? 500 : 202), replies.Select(reply => reply.Status));
        Assert.Equal(57, await ingestion.ScalarAsync<int>(
            "select count(*) from events where message_id like 'isolated-%'"));
    }

    [Fact]
    public async Task Requests_that_come_together_share_transactions()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => ingestion.SendAsync(
            "/v1/track", IngestionFixture.View($"grouped-{i}"))));

        var transactions = await ingestion.ScalarAsync<int>(
            "select count(distinct transaction_id) from events where message_id like 'grouped-%'");
        Assert.InRange(transactions, 1, 150);
    }

    [Fact]
    public async Task Nothing_personal_is_stored_in_clear()
    {
        await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            """
            {"type":"identify","userId":"private","traits":{"email":"jo@private.example","phone":"07700900123"},
             "context":{"ip":"203.0.113.99"}}
            """,
            """
            {"type":"track","event":"Payment Attempted","userId":"private","properties":{"payment_id":"pp","amount":5,
             "card_number":"4111111111111111","email":"jo@private.example"}}
            """,
            """
            {"type":"track","event":"Order Teleported","userId":"private","context":{"ip":"203.0.113.99"},
             "properties":{"card_number":"4111111111111111","email":"jo@private.example","phone":"07700900123"}}
            """));

        await using var connection = await ingestion.Database.OpenConnectionAsync();
        var stored = await connection.QueryAsync<string>("""
            select e::text from events e union all select r::text from rejections r
            union all select c::text from customers c union all select o::text from outbox o
            """);
        var all = string.Join('\n', stored);
        Assert.Contains("private.example", all, StringComparison.Ordinal); // the domain may be kept
        foreach (var clear in new[] { "jo@", "07700900123", "203.0.113", "4111111111111111" })
        {
            Assert.DoesNotContain(clear, all, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_service_is_ready_and_documents_itself()
    {
        using var client = ingestion.Service.CreateClient();
        using var ready = await client.GetAsync("/health/ready");
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

        Assert.Equal(200, (int)ready.StatusCode);
        Assert.True(document.GetProperty("paths").TryGetProperty("/v1/batch", out _));
    }

    private static (int Accepted, int Duplicates, int Rejected) Lines(Reply reply)
    {
        var lines = reply.Body.GetProperty("lines");
        return (lines.GetProperty("accepted").GetInt32(), lines.GetProperty("duplicates").GetInt32(),
            lines.GetProperty("rejected").GetInt32());
    }

    private static string Order(string messageId, string orderId) => $$"""
        {"type":"track","event":"Order Completed","messageId":"{{messageId}}","userId":"u",
         "properties":{"order_id":"{{orderId}}","products":[{"product_id":"p","price":1}]} }
        """;

    private static string Payment(string messageId, string paymentId) => $$"""
        {"type":"track","event":"Payment Attempted","messageId":"{{messageId}}","userId":"u",
         "properties":{"payment_id":"{{paymentId}}","amount":5} }
        """;
}
