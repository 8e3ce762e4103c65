using System.Text.Json;

namespace Ecom.Ingestion.Envelopes;

/// <summary>Cuts a batch into its events without reading them, so that a bad event harms none beside it.</summary>
internal static class BatchSlicer
{
    /// <summary>The events' places in <paramref name="body"/> and the batch's time of sending.</summary>
    /// <exception cref="JsonException">The body is no JSON, or no object with an array <c>batch</c>.</exception>
    public static Batch Slice(ReadOnlyMemory<byte> body, string arrayName = "batch")
    {
        // Depth is limited for each event; the reader keeps one bit a level, so that deep nonsense is only scanned.
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        Read(ref reader);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The body must be a JSON object.");
        }

        List<ReadOnlyMemory<byte>>? events = null;
        DateTimeOffset? sentAt = null;
        Read(ref reader);
        while (reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(arrayName))
            {
                events = SliceArray(ref reader, body, arrayName);
            }
            else if (reader.ValueTextEquals("sentAt"))
            {
                Read(ref reader);
                sentAt = ReadTime(ref reader);
            }
            else
            {
                Read(ref reader);
                reader.Skip();
            }

            Read(ref reader);
        }

        if (reader.Read())
        {
            throw new JsonException("Something follows the JSON object.");
        }

        return new Batch(events ?? throw new JsonException($"The array \"{arrayName}\" is missing."), sentAt);
    }

    /// <summary>Checks that a body is one well-formed JSON value.</summary>
    /// <exception cref="JsonException">It is not.</exception>
    public static void Check(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = int.MaxValue });
        Read(ref reader);
        reader.Skip();
        if (reader.Read())
        {
            throw new JsonException("Something follows the JSON value.");
        }
    }

    private static List<ReadOnlyMemory<byte>> SliceArray(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string arrayName)
    {
        Read(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"\"{arrayName}\" must be an array.");
        }

        var events = new List<ReadOnlyMemory<byte>>();
        Read(ref reader);
        while (reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            events.Add(body[start..(int)reader.BytesConsumed]);
            Read(ref reader);
        }

        return events;
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out var time))
        {
            throw new JsonException("\"sentAt\" must be an ISO 8601 time.");
        }

        return time.Kind == DateTimeKind.Unspecified
            ? new DateTimeOffset(time, TimeSpan.Zero)
            : new DateTimeOffset(time.ToUniversalTime());
    }

    private static void Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw new JsonException("The body ends before the JSON does.");
        }
    }
}

/// <summary>A batch before its events are read.</summary>
internal sealed record Batch(IReadOnlyList<ReadOnlyMemory<byte>> Events, DateTimeOffset? SentAt);
