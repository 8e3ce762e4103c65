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
        Accepted = Total(summary, "accepted"),
        Duplicates = Total(summary, "duplicates", "duplicate"),
        Rejected = Total(summary, "rejected"),
    };

    /// <summary>Reads ingestion's <c>/v1/events/recent</c>.</summary>
    public static IReadOnlyList<RecentEvent> Recent(JsonElement answer) =>
        [.. Items(answer, "events").Select(happened => new RecentEvent
        {
            ReceivedAt = Time(happened, "receivedAt") ?? DateTimeOffset.UnixEpoch,
            OccurredAt = Time(happened, "occurredAt"),
            Kind = Text(happened, "kind") ?? Text(happened, "type") ?? "?",
            Subject = Text(happened, "subject"),
            Customer = Masked(Text(happened, "customerId") ?? Text(happened, "anonymousId")),
            Client = Text(happened, "client"),
            Backfill = happened.TryGetProperty("backfill", out var flag) && flag.ValueKind == JsonValueKind.True,
            TraceId = TraceIds.TryNormalise(Text(happened, "traceId") ?? Text(happened, "traceParent"), out var id)
                ? id
                : null,
        })];

    /// <summary>Reads ingestion's <c>/v1/rejected/summary</c>.</summary>
    public static IReadOnlyList<RejectReason> Rejects(JsonElement answer) =>
        [.. Items(answer, "reasons")
            .Select(reason => new RejectReason
            {
                Reason = Text(reason, "reason") ?? "?",
                Count = Number(reason, "count") ?? Number(reason, "events") ?? 0,
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
    public static string? Masked(string? id) => id switch
    {
        null or "" => null,
        { Length: <= 4 } => "••••",
        _ => $"{id[..2]}••••{id[^2..]}",
    };

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
                    Consumers = Number(entry.Value, "consumers") ?? 0,
                    Errors = Number(entry.Value, "errors") ?? 0,
                };
            }
        }
    }

    // A count stands alone, or is split by kind or reason.
    private static long Total(JsonElement summary, params string[] names)
    {
        foreach (var name in names)
        {
            if (summary.TryGetProperty(name, out var value))
            {
                return value.ValueKind switch
                {
                    JsonValueKind.Number => (long)value.GetDouble(),
                    JsonValueKind.Object => value.EnumerateObject()
                        .Sum(part => part.Value.ValueKind == JsonValueKind.Number ? (long)part.Value.GetDouble() : 0),
                    _ => 0,
                };
            }
        }

        return 0;
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Array ? answer.EnumerateArray() : Array(answer, name);

    private static JsonElement.ArrayEnumerator Array(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
        && parent.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray()
            : _nothing.EnumerateArray();

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static double? Real(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : null;

    private static long? Number(JsonElement parent, string name) => (long?)Real(parent, name);

    private static DateTimeOffset? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.TryGetDateTimeOffset(out var time)
            ? time
            : null;
}
