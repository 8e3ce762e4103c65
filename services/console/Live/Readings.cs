using System.Globalization;
using System.Text.Json;
using Ecom.Console.Traces;

namespace Ecom.Console.Live;

/// <summary>Reads the answers of other services. What is missing or new in them is no error.</summary>
internal static class Readings
{
    private const string PublishedMetric = "ecom_outbox_published";

    private static readonly JsonElement _nothing = JsonElement.Parse("[]");

    /// <summary>Reads <c>/health/ready</c>.</summary>
    public static ServiceState Service(string name, JsonElement health, double answerMs)
    {
        var checks = Array(health, "checks").ToArray();
        var outbox = checks.FirstOrDefault(check => Text(check, "name") == "outbox");
        return new ServiceState
        {
            Name = name,
            Readiness = Text(health, "status") == "ready" ? Readiness.Ready : Readiness.Unready,
            AnswerMs = answerMs,
            Checks = [.. checks.Select(check => new CheckState
            {
                Name = Text(check, "name") ?? "?",
                Status = Text(check, "status") ?? "?",
                Description = Text(check, "description"),
            })],
            Queues = [.. checks.SelectMany(check => Queues(name, check))],
            Outbox = outbox.ValueKind != JsonValueKind.Object || !outbox.TryGetProperty("data", out var data)
                ? null
                : new OutboxState
                {
                    Rows = Number(data, "rows") ?? 0,
                    OldestSeconds = Real(data, "oldestSeconds") ?? 0,
                },
        };
    }

    /// <summary>Reads ingestion's <c>/v1/summary</c>.</summary>
    public static IngestionTotals Totals(JsonElement summary) => new()
    {
        Accepted = Number(summary, "accepted") ?? 0,
        Duplicates = Number(summary, "duplicates") ?? 0,
        Rejected = Number(summary, "rejected") ?? 0,
    };

    /// <summary>Reads ingestion's <c>/v1/events/recent</c>.</summary>
    public static IReadOnlyList<RecentEvent> Recent(JsonElement answer) =>
        [.. Items(answer).Select(happened => new RecentEvent
        {
            ReceivedAt = Time(happened, "receivedAt") ?? DateTimeOffset.UnixEpoch,
            OccurredAt = Time(happened, "occurredAt"),
            Kind = Text(happened, "kind") ?? "?",
            Subject = Text(happened, "subject"),
            Customer = Masked(Text(happened, "customerId") ?? Text(happened, "anonymousId")),
            Client = Text(happened, "client"),
            Backfill = happened.TryGetProperty("backfill", out var flag) && flag.ValueKind == JsonValueKind.True,
            TraceId = TraceIds.TryNormalise(Text(happened, "traceParent"), out var id)
                ? id
                : null,
        })];

    /// <summary>Reads ingestion's <c>/v1/rejected/summary</c>.</summary>
    public static IReadOnlyList<RejectReason> Rejects(JsonElement answer) =>
        [.. Items(answer)
            .Select(reason => new RejectReason
            {
                Reason = Text(reason, "reason") ?? "?",
                Count = (Number(reason, "events") ?? 0) + (Number(reason, "lines") ?? 0),
            })
            .OrderByDescending(reason => reason.Count)];

    /// <summary>Finds the counter of published messages in a Prometheus page.</summary>
    /// <returns>Null if it is not there: nothing was published yet.</returns>
    public static long? Published(string metrics)
    {
        double? sum = null;
        foreach (var line in metrics.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(PublishedMetric, StringComparison.Ordinal)
                && line.Contains("_total", StringComparison.Ordinal))
            {
                var sample = line[(line.Contains('}') ? line.LastIndexOf('}') + 1 : line.IndexOf(' '))..].Trim();
                var end = sample.IndexOf(' ');
                if (double.TryParse(
                    end < 0 ? sample : sample[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                {
                    sum = (sum ?? 0) + value;
                }
            }
        }

        return (long?)sum;
    }

    /// <summary>Leaves enough of an id to tell two apart, not enough to name somebody.</summary>
    /// <remarks>Ingestion masks already; this page does not rest on it.</remarks>
    public static string? Masked(string? id) => string.IsNullOrEmpty(id) ? null : $"{id[..Math.Min(2, id.Length)]}***";

    private static IEnumerable<QueueState> Queues(string service, JsonElement check)
    {
        if (!check.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var entry in data.EnumerateObject())
        {
            if (entry.Value.ValueKind == JsonValueKind.Object && Number(entry.Value, "messages") is { } messages)
            {
                yield return new QueueState
                {
                    Service = service,
                    Name = entry.Name,
                    Messages = messages,
                    Consumers = Number(entry.Value, "consumers"),
                    Errors = Number(entry.Value, "errors") ?? 0,
                };
            }
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement answer) =>
        (answer.ValueKind == JsonValueKind.Array ? answer : _nothing).EnumerateArray();

    private static JsonElement.ArrayEnumerator Array(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray()
            : _nothing.EnumerateArray();

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static double? Real(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : null;

    private static long? Number(JsonElement parent, string name) => (long?)Real(parent, name);

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.TryGetDateTimeOffset(out var time)
            ? time
            : null;
}
