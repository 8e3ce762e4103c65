using System.Text.Json;
using Xunit;

namespace Ecom.IntegrationTests.Ingestion;

/// <summary>
/// What storefronts get wrong: each has its status, its problem details, and harms nothing beside it.
/// </summary>
public sealed class BadInputTests(IngestionFixture ingestion) : IClassFixture<IngestionFixture>
{
    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"batch":[{"type":"track",}]}""")]
    [InlineData("""{"events":[]}""")]
    [InlineData("""[]""")]
    public async Task Malformed_json_is_400(string body) =>
        AssertProblem(await ingestion.SendAsync("/v1/batch", body), 400);

    [Theory]
    [InlineData("/v1/track")]
    [InlineData("/v1/identify")]
    [InlineData("/v1/page")]
    public async Task Malformed_json_of_one_event_is_400(string path) =>
        AssertProblem(await ingestion.SendAsync(path, "{\"type\":"), 400);

    [Fact]
    public async Task A_missing_or_wrong_key_is_401_and_a_wrong_scope_403()
    {
        AssertProblem(await ingestion.SendAsync("/v1/batch", "{}", scope: null), 401);
        AssertProblem(await ingestion.SendAsync("/v1/batch", "{}", scope: "none-such"), 401);
        AssertProblem(await ingestion.SendAsync("/v1/batch", "{}", scope: "read"), 403);
    }

    [Fact]
    public async Task A_batch_with_one_bad_event_of_each_kind_keeps_the_others()
    {
        var large = $$"""{"type":"page","userId":"u","more":"{{new string('x', 128 * 1024)}}"}""";
        var deep = $$"""{"type":"page","userId":"u","more":{{new string('[', 50)}}{{new string(']', 50)}} }""";
        string Timed(string at) => $$"""{"type":"page","userId":"u","timestamp":"{{at}}"}""";

        var reply = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            IngestionFixture.View("good-1"),
            large,
            """{"type":"track","event":"Order Teleported","userId":"u"}""",
            Timed("2999-01-01T00:00:00Z"),
            Timed("1989-12-31T00:00:00Z"),
            """{"type":"track","event":"Cart Viewed"}""",
            deep,
            "7",
            IngestionFixture.View("good-2")));

        Assert.Equal(202, reply.Status);
        Assert.Equal(2, reply.Body.GetProperty("accepted").GetInt32());
        Assert.Equal(7, reply.Body.GetProperty("rejected").GetInt32());
        Assert.Equal(
            [
                null, "event_too_large", "unknown_event", "timestamp_in_future", "timestamp_too_old", "missing_user",
                "event_too_deep", "not_an_object", null,
            ],
            Enumerable.Range(0, 9).Select(reply.ReasonOf));
        Assert.Equal("good-1", reply.Result(0).GetProperty("messageId").GetString());
        Assert.Equal("$.event", reply.Result(2).GetProperty("path").GetString());
        Assert.Equal(2, await ingestion.ScalarAsync<int>("select count(*) from events where message_id like 'good-%'"));
    }

    [Theory]
    [InlineData("""{"event":"Order Teleported","userId":"u"}""", "unknown_event", "$.event")]
    [InlineData("""{"event":"Cart Viewed","userId":1,"timestamp":"2999-01-01"}""", "timestamp_in_future",
        "$.timestamp")]
    [InlineData("""{"event":"Cart Viewed","userId":1,"timestamp":"1989-01-01"}""", "timestamp_too_old", "$.timestamp")]
    [InlineData("""{"event":"Cart Viewed"}""", "missing_user", "$")]
    public async Task One_event_that_is_refused_is_422_with_reason_and_path(string json, string reason, string path)
    {
        var reply = await ingestion.SendAsync("/v1/track", json);

        AssertProblem(reply, 422);
        Assert.Equal(reason, reply.Body.GetProperty("reason").GetString());
        Assert.Equal(path, reply.Body.GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_batch_over_1_MB_is_413()
    {
        var padding = new string('x', 100 * 1024);
        var events = Enumerable.Repeat($$"""{"type":"page","userId":"u","x":"{{padding}}"}""", 11);

        AssertProblem(await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch([.. events])), 413);
    }

    [Fact]
    public async Task A_batch_over_500_events_is_413_and_one_of_500_is_taken()
    {
        string[] Events(int count, string prefix) =>
            [.. Enumerable.Range(0, count).Select(i => IngestionFixture.View($"{prefix}-{i}"))];

        AssertProblem(await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(Events(501, "over"))), 413);
        var reply = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(Events(500, "full")));

        Assert.Equal(500, reply.Body.GetProperty("accepted").GetInt32());
        Assert.Equal(0, await ingestion.ScalarAsync<int>("select count(*) from events where message_id like 'over-%'"));
    }

    [Fact]
    public async Task A_text_that_postgres_cannot_hold_harms_nothing()
    {
        var reply = await ingestion.SendAsync("/v1/batch", IngestionFixture.Batch(
            """{"type":"page","userId":"nul\u0000","properties":{"path":"/\u0000x"}}""",
            """{"type":"page","userId":"half\ud83d"}""",
            """{"type":"page","userId":"bad","properties":{"bad":"\u0000","x":"\ud83d"},"timestamp":"x\u0000"}""",
            IngestionFixture.View("beside-nul")));

        Assert.Equal(["accepted", "rejected", "rejected", "accepted"], Enumerable.Range(0, 4).Select(reply.StatusOf));
    }

    private static void AssertProblem(Reply reply, int status)
    {
        Assert.Equal(status, reply.Status);
        Assert.Equal("application/problem+json", reply.MediaType);
        Assert.Equal(status, reply.Body.GetProperty("status").GetInt32());
        Assert.NotEqual(JsonValueKind.Undefined, reply.Body.GetProperty("title").ValueKind);
    }
}
