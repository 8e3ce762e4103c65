using System.Text;
using System.Text.Json;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Ingestion.Envelopes;

namespace Ecom.UnitTests.Ingestion;

public sealed class EnvelopeTests
{
    private const string View = "\"type\":\"track\",\"event\":\"Product Viewed\",\"properties\":{\"product_id\":\"p\"}";

    [Theory]
    [InlineData("""{"type":"track","event":"Order Teleported","userId":"u"}""", "unknown_event", "$.event")]
    [InlineData("""{"type":"alias","userId":"u"}""", "unknown_type", "$.type")]
    [InlineData("""{"userId":"u"}""", "unknown_type", "$.type")]
    [InlineData("""{"type":"track","userId":"u"}""", "event_missing", "$.event")]
    [InlineData("""{"type":"track","event":"Cart Viewed"}""", "missing_user", "$")]
    [InlineData("""{"type":"track","event":"Cart Viewed","userId":"  ","anonymousId":null}""", "missing_user", "$")]
    [InlineData("""{"type":"identify","anonymousId":"a"}""", "user_id_missing", "$.userId")]
    [InlineData("""{"type":"track","event":"Cart Viewed","userId":["u"]}""", "not_text", "$.userId")]
    [InlineData("""{"type":"track","event":"Cart Viewed","userId":"u","context":7}""", "not_an_object", "$.context")]
    [InlineData("""{"type":"track","event":"Cart Viewed","userId":"\ud800"}""", "invalid_text", "$.userId")]
    [InlineData("""{"event":"Product Viewed","userId":"u"}""", "product_id_missing", "$.properties.product_id")]
    [InlineData("""{"type":"track","event":"Products Searched","userId":"u"}""", "query_missing", "$.properties.query")]
    [InlineData("""[1,2]""", "not_an_object", "$")]
    [InlineData("null", "not_an_object", "$")]
    public void What_cannot_be_used_is_refused_with_reason_and_path(string json, string reason, string path) =>
        Read.Rejected(Read.Json(json), reason, path);

    [Theory]
    [InlineData(0.5, "out_of_range")]
    [InlineData(6, "out_of_range")]
    public void A_rating_is_between_one_and_five(double rating, string reason) =>
        Read.Rejected(Read.Track("Product Reviewed", new { product_id = "p", rating }), reason, "$.properties.rating");

    [Fact]
    public void An_id_has_at_most_100_characters()
    {
        var longest = new string('x', 100);
        var read = Read.Json($$"""{{{View}},"userId":"{{longest}}"}""");
        Assert.Equal(longest, Read.Message<Interaction>(read).CustomerId);

        Read.Rejected(Read.Json($$"""{{{View}},"userId":"{{longest}}x"}"""), "id_too_long", "$.userId");
        Read.Rejected(
            Read.Json($$"""{{{View}},"userId":"u","messageId":"{{longest}}x"}"""), "id_too_long", "$.messageId");
    }

    [Fact]
    public void Ids_and_texts_are_trimmed_composed_and_free_of_control_characters()
    {
        var read = Read.Json("""
            {"type":"track","event":"Products Searched","userId":" 12\u00002 ",
             "properties":{"query":"cafe\u0301\tau\u0007 lait"}}
            """);

        var search = Read.Message<Interaction>(read);
        Assert.Equal("122", search.CustomerId);
        Assert.Equal("café au lait", search.Query);
    }

    [Fact]
    public void Descriptions_are_cut_at_500_characters_and_never_inside_a_pair()
    {
        var read = Read.Track("Products Searched", new { query = new string('q', 499) + "\U0001F600" });

        Assert.Equal(new string('q', 499), Read.Message<Interaction>(read).Query);
    }

    [Theory]
    [InlineData("2026-03-02T12:04:59Z", null)]
    [InlineData("2026-03-02T12:05:01Z", "timestamp_in_future")]
    [InlineData("1990-01-01T00:00:00Z", null)]
    [InlineData("1989-12-31T23:59:59Z", "timestamp_too_old")]
    [InlineData("yesterday", "timestamp_invalid")]
    [InlineData("9999-12-31T23:59:59Z", "timestamp_in_future")]
    [InlineData("0001-01-01T00:00:00Z", "timestamp_too_old")]
    public void A_time_lies_between_1990_and_five_minutes_from_now(string time, string? reason)
    {
        var read = Read.Json($$"""{{{View}},"userId":"u","timestamp":"{{time}}"}""");

        Assert.Equal(reason, read.Rejection?.Reason);
    }

    [Theory]
    [InlineData("2026-03-02T13:00:00+02:00", 11)]
    [InlineData("2026-03-02T11:00:00", 11)]
    [InlineData("2026-03-02", 0)]
    public void Times_become_utc(string time, int hour)
    {
        var read = Read.Json($$"""{{{View}},"userId":"u","timestamp":"{{time}}"}""");

        Assert.Equal(new DateTimeOffset(2026, 3, 2, hour, 0, 0, TimeSpan.Zero), read.OccurredAt);
        Assert.Equal(TimeSpan.Zero, read.OccurredAt.Offset);
    }

    [Fact]
    public void A_wrong_clock_is_corrected_by_the_time_of_sending()
    {
        // The browser is three days ahead; the event lay 40 s before it was sent.
        var read = Read.Json($$"""
            {{{View}},"userId":"u","originalTimestamp":"2026-03-05T12:00:00Z","sentAt":"2026-03-05T12:00:40Z"}
            """);

        Assert.Equal(Read.Now.AddSeconds(-40), Read.Message<Interaction>(read).OccurredAt);
    }

    [Fact]
    public void The_batch_states_the_time_of_sending_for_events_that_do_not()
    {
        var sentAt = Read.Now.AddDays(3);

        var read = Read.Json($$"""{{{View}},"userId":"u","timestamp":"2026-03-05T11:59:00Z"}""", sentAt);

        Assert.Equal(Read.Now.AddMinutes(-1), read.OccurredAt);
    }

    [Fact]
    public void History_is_never_corrected()
    {
        var read = Read.Json($$"""
            {{{View}},"userId":"u","timestamp":"2010-12-01T08:26:00Z","sentAt":"2030-01-01T00:00:00Z",
             "context":{"backfill":true} }
            """);

        Assert.Equal(new DateTimeOffset(2010, 12, 1, 8, 26, 0, TimeSpan.Zero), read.OccurredAt);
        Assert.True(Read.Message<Interaction>(read).Backfill);
    }

    [Fact]
    public void An_event_over_its_size_or_depth_is_refused_before_it_is_read()
    {
        var large = $$"""{{{View}},"userId":"u","more":"{{new string('x', 128 * 1024)}}"}""";
        Read.Rejected(Read.Json(large), "event_too_large", "$");

        var deep = $$"""{{{View}},"userId":"u","more":{{new string('[', 16)}}{{new string(']', 16)}} }""";
        Read.Rejected(Read.Json(deep), "event_too_deep", "$");
        var deepest = $$"""{{{View}},"userId":"u","more":{{new string('[', 15)}}{{new string(']', 15)}} }""";
        Assert.Null(Read.Json(deepest).Rejection);
    }

    [Fact]
    public void A_refused_event_is_kept_without_clear_personal_data_and_reads_the_same_again()
    {
        const string Json = """
            {"type":"identify","userId":"u","timestamp":"2040-01-01T00:00:00Z","context":{"ip":"203.0.113.77"},
             "traits":{"email":"jo@example.org","phone":"020 7946","name":"Jo Doe","country":"GB",
             "address":{"street":"High St"}}}
            """;

        var refused = Read.Json(Json);

        Assert.NotNull(refused.Payload);
        foreach (var clear in new[] { "203.0.113.77", "jo@example", "7946", "Jo Doe", "High St" })
        {
            Assert.DoesNotContain(clear, refused.Payload, StringComparison.Ordinal);
        }

        const string Wrong = "2040-01-01T00:00:00Z";
        const string Right = "2026-03-02T11:00:00Z";
        string Mend(string json) => json.Replace(Wrong, Right, StringComparison.Ordinal);
        var again = Read.Message<CustomerIdentified>(Read.Json(Mend(refused.Payload)));
        var direct = Read.Message<CustomerIdentified>(Read.Json(Mend(Json)));
        Assert.Equal(direct with { EventId = again.EventId }, again);
        Assert.Equal("example.org", again.EmailDomain);
    }

    [Fact]
    public void A_forged_seal_is_no_value()
    {
        var hash = new string('0', 32);
        var email = $"sealed:{hash}:x.org:{hash}";
        var read = Read.Event(new { type = "identify", userId = "u", traits = new { email } });

        Assert.Null(Read.Message<CustomerIdentified>(read).EmailHash);
    }

    [Fact]
    public void A_batch_is_cut_into_its_events_unread()
    {
        var body = Encoding.UTF8.GetBytes("""
            {"extra":{"a":[1]},"sentAt":"2026-03-02T12:00:00Z","batch":[{"a":"]}"}, 7 ,"x",[[[]]],null]}
            """);

        var batch = BatchSlicer.Slice(body);

        Assert.Equal(Read.Now, batch.SentAt);
        Assert.Equal(
            ["{\"a\":\"]}\"}", "7", "\"x\"", "[[[]]]", "null"],
            batch.Events.Select(e => Encoding.UTF8.GetString(e.Span)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"batch":{}}""")]
    [InlineData("""{"batch":[{]}""")]
    [InlineData("""{"batch":[{}]""")]
    [InlineData("""{"batch":[]} x""")]
    [InlineData("""{"batch":[],"sentAt":"noon"}""")]
    public void A_body_that_is_no_batch_is_malformed(string body) =>
        Assert.ThrowsAny<JsonException>(() => BatchSlicer.Slice(Encoding.UTF8.GetBytes(body)));
}
