using System.Text.Json;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;
using Ecom.Ingestion.Storage;
using Ecom.ServiceDefaults.Keys;

namespace Ecom.Ingestion.Endpoints;

/// <summary>The contract messages again, for services that rebuild what they hold, and for new subscribers.</summary>
internal static class LogEndpoints
{
    private const int LargestMessage = 100;
    private const int MostEvents = 10_000;

    private static readonly Dictionary<string, string> _types = new Type[]
    {
        typeof(OrderPlaced), typeof(OrderCancelled), typeof(OrderRefunded), typeof(PaymentAttempted),
        typeof(PaymentDisputed), typeof(ProductChanged), typeof(CustomerIdentified),
    }.ToDictionary(type => type.Name, type => type.FullName!);

    public static void MapLog(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/log", GetLog).WithName(nameof(GetLog)).RequireScope(Scopes.Read).WithTags("Log")
            .WithSummary("Bus messages as they were sent: same ids, same content, same grouping; page by cursor.")
            .WithDescription(
                "limit counts events (101 to 10,000). A page holds whole messages. next is the cursor for the next "
                + "page; caughtUp is false while committed events lie behind it: a page can be empty and not caught up "
                + "while an older transaction is open, so wait a moment before asking again.")
            .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task GetLog(
        HttpContext context, LogReader log, string? after, CancellationToken cancellation, int limit = 2_000)
    {
        if (!LogCursor.TryParse(after, out var cursor))
        {
            await TypedResults.Problem(
                title: "Unknown cursor",
                detail: "after must be a value of next, or be left out.",
                statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            return;
        }

        var most = Math.Clamp(limit, LargestMessage + 1, MostEvents);
        var rows = new List<LogRow>(most);
        await foreach (var row in log.ReadAsync(cursor, most, cancellation))
        {
            rows.Add(row);
        }

        if (rows.Count == most)
        {
            // The last message may go on behind the limit; it opens the next page instead.
            var last = rows[^1].BusMessageId;
            rows.RemoveRange(rows.FindIndex(row => row.BusMessageId == last), rows.Count(r => r.BusMessageId == last));
        }

        var next = rows.Count == 0 ? cursor : rows[^1].Cursor;
        var caughtUp = !await log.HasMoreAsync(next, cancellation);
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        Write(writer, rows, next, caughtUp);
        await writer.FlushAsync(cancellation);
    }

    private static void Write(Utf8JsonWriter writer, List<LogRow> rows, LogCursor next, bool caughtUp)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("messages");
        for (var i = 0; i < rows.Count;)
        {
            var end = i + 1;
            while (end < rows.Count && rows[end].BusMessageId == rows[i].BusMessageId)
            {
                end++;
            }

            WriteMessage(writer, rows, i, end);
            for (; i < end; i++)
            {
                if (rows[i] is { LinkMessageId: { } linkId, LinkBody: { } link })
                {
                    StartMessage(writer, linkId, typeof(CustomerIdentified).FullName!);
                    writer.WriteRawValue(link, skipInputValidation: true);
                    writer.WriteEndObject();
                }
            }
        }

        writer.WriteEndArray();
        writer.WriteString("next", next.ToString());
        writer.WriteBoolean("caughtUp", caughtUp);
        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, List<LogRow> rows, int start, int end)
    {
        if (_types.TryGetValue(rows[start].Kind, out var type))
        {
            StartMessage(writer, rows[start].BusMessageId, type);
            writer.WriteRawValue(rows[start].Body, skipInputValidation: true);
        }
        else
        {
            StartMessage(writer, rows[start].BusMessageId, typeof(InteractionsRecorded).FullName!);
            writer.WriteStartObject();
            writer.WriteStartArray("interactions");
            for (var i = start; i < end; i++)
            {
                writer.WriteRawValue(rows[i].Body, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void StartMessage(Utf8JsonWriter writer, Guid messageId, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("messageId", messageId);
        writer.WriteString("type", type);
        writer.WritePropertyName("body");
    }
}
