using System.Net;
using System.Text;
using System.Text.Json;
using Ecom.Cli.Import;
using Ecom.Cli.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace Ecom.UnitTests.Import;

public sealed class TransferTests
{
    private static ReadOnlyMemory<byte> Event(string id) => Encoding.UTF8.GetBytes($$"""{"messageId":"{{id}}"}""");

    private static IngestionGateway Gateway(Queue<HttpResponseMessage> answers, List<string> requests) =>
        new(
            new HttpClient(new Answers(answers, requests)) { BaseAddress = new Uri("http://127.0.0.1:1/") },
            new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) });

    private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    [Fact]
    public void Verdicts_account_for_every_line()
    {
        var tally = new Tally();

        tally.Count(
            new Verdict { Status = "accepted", RejectedLines = [new() { Reason = "not_a_product" }] }, lines: 5);
        tally.Count(new Verdict { Status = "duplicate" }, lines: 3);
        tally.Count(
            new Verdict
            {
                Status = "rejected",
                Reason = "no_valid_line",
                RejectedLines = [new() { Reason = "price_not_positive" }, new() { Reason = "not_a_product" }],
            },
            lines: 2);
        tally.Count(new Verdict { Status = "rejected", Reason = "timestamp_too_old" }, lines: 4);

        Assert.Equal((1, 1, 4), (tally.AcceptedEvents, tally.DuplicateEvents, tally.Events));
        Assert.Equal((4, 3, 14), (tally.AcceptedLines, tally.DuplicateLines, tally.Lines));
        Assert.Equal(2, tally.RejectedLines["not_a_product"]);
        Assert.Equal(1, tally.RejectedLines["price_not_positive"]);
        Assert.Equal(4, tally.RejectedLines["timestamp_too_old"]);
        Assert.Equal(1, tally.RejectedEvents["no_valid_line"]);
    }

    [Fact]
    public void A_report_whose_sum_misses_a_line_does_not_add_up()
    {
        var report = new ImportReport
        {
            Source = "shop.csv",
            Lines = 7,
            DuplicateLinesInFile = 2,
            Products = 0,
            RejectedProducts = new Dictionary<string, int>(),
            Tally = new Tally { AcceptedLines = 5 },
            Seconds = 1,
        };

        Assert.True(report.AddsUp);
        Assert.False((report with { Lines = 8 }).AddsUp);
    }

    [Fact]
    public void Batches_keep_to_the_limits_of_count_and_size_and_lose_nothing()
    {
        var small = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[10], 1_201).ToArray();
        var large = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[300_000], 7).ToArray();

        Assert.Equal([0..500, 500..1000, 1000..1201], EventBatches.Cut(small));
        Assert.Equal([0..3, 3..6, 6..7], EventBatches.Cut(large));
        Assert.Empty(EventBatches.Cut([]));
    }

    [Fact]
    public async Task A_batch_carries_the_events_as_they_are_and_the_time_of_sending()
    {
        var requests = new List<string>();
        var answers = new Queue<HttpResponseMessage>(
            [Answer(HttpStatusCode.Accepted, """{"results":[{"status":"accepted"},{"status":"duplicate"}]}""")]);

        var verdicts = await Gateway(answers, requests).SendEventsAsync([Event("a"), Event("b")], default);

        Assert.Equal(["accepted", "duplicate"], verdicts.Select(verdict => verdict.Status));
        var body = JsonElement.Parse(Assert.Single(requests));
        Assert.Equal(
            ["a", "b"],
            body.GetProperty("batch").EnumerateArray().Select(e => e.GetProperty("messageId").GetString()));
        Assert.True(body.GetProperty("sentAt").TryGetDateTimeOffset(out _));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_after_the_time_that_it_names()
    {
        var requests = new List<string>();
        var busy = Answer(HttpStatusCode.ServiceUnavailable, "{}");
        busy.Headers.TryAddWithoutValidation("Retry-After", "7");
        var answers = new Queue<HttpResponseMessage>(
            [busy, Answer(HttpStatusCode.Accepted, """{"results":[{"status":"accepted"}]}""")]);
        var time = new FakeTimeProvider();
        var gateway = new IngestionGateway(
            new HttpClient(new Answers(answers, requests)) { BaseAddress = new Uri("http://127.0.0.1:1/") }, time);

        var sending = gateway.SendEventsAsync([Event("a")], default);
        time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await sending;

        Assert.Equal(2, requests.Count);
    }

    [Fact]
    public async Task A_refused_key_ends_the_transfer_with_what_the_server_said()
    {
        var answers = new Queue<HttpResponseMessage>(
            [Answer(HttpStatusCode.Unauthorized, """{"title":"The key is not known."}""")]);

        var failure = await Assert.ThrowsAsync<SetupException>(() =>
            Gateway(answers, []).SendEventsAsync([Event("a")], default));

        Assert.Contains("401", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The key is not known.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batches_that_were_sent_before_are_left_out()
    {
        var requests = new List<string>();
        var verdicts = string.Join(',', Enumerable.Repeat("""{"status":"accepted"}""", 500));
        var answers = new Queue<HttpResponseMessage>(
            Enumerable.Range(0, 2).Select(_ => Answer(HttpStatusCode.Accepted, $$"""{"results":[{{verdicts}}]}""")));
        var events = Enumerable.Range(0, 1_500).Select(i => new PreparedEvent(Event($"{i}"), Lines: 2)).ToArray();
        var finished = new List<(int Batch, int Lines)>();

        await new ShopSender(Gateway(answers, requests)).SendEventsAsync(
            events, new HashSet<int> { 1 }, (batch, tally) => finished.Add((batch, tally.AcceptedLines)), default);

        Assert.Equal([(0, 1_000), (2, 1_000)], finished.Order());
    }

    private sealed class Answers(Queue<HttpResponseMessage> answers, List<string> requests) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellation)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellation);
            lock (answers)
            {
                requests.Add(body);
                return answers.Dequeue();
            }
        }
    }
}
