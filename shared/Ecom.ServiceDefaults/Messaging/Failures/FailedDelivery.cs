using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using RabbitMQ.Client;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>Between a message in an error queue and its row, in both directions.</summary>
internal static class FailedDelivery
{
    private const string TypePrefix = "urn:message:";

    /// <summary>What is kept of a message: everything that publishing it again needs, and why it failed.</summary>
    /// <param name="queue">The consumer's queue.</param>
    /// <param name="properties">Its properties, with the headers of its failures.</param>
    /// <param name="body">Its bytes, whatever they are.</param>
    /// <param name="now">When it is parked, where no header tells when it failed.</param>
    public static ParkedMessage Read(
        string queue, IReadOnlyBasicProperties properties, byte[] body, DateTimeOffset now)
    {
        var envelope = ReadEnvelope(body);
        var messageId = properties.MessageId ?? envelope.MessageId;
        var lastFailedAt = FailureHeaders.Time(properties, FailureHeaders.LastFailedAt) ?? now;
        var faultType = FailureHeaders.Text(properties, FailureHeaders.FaultType);
        return Storable(new ParkedMessage
        {
            Id = Guid.CreateVersion7(now),
            Queue = queue,
            MessageKey = messageId ?? Convert.ToHexStringLower(SHA256.HashData(body)),
            MessageId = messageId,
            CorrelationId = properties.CorrelationId,
            MessageType = envelope.MessageType,
            ContentType = properties.ContentType,
            Headers = WriteHeaders(properties),
            Body = body,
            FaultType = faultType ?? "DeliveryLimit",
            FaultMessage = FailureHeaders.Text(properties, FailureHeaders.FaultMessage)
                ?? "The broker gave it up: its consumer died, or lost its connection, each time that it held it.",
            FaultStack = FailureHeaders.Text(properties, FailureHeaders.FaultStack),
            Attempts = FailureHeaders.CountAttempts(properties) + (faultType is null ? 1 : 0),
            FirstFailedAt = FailureHeaders.Time(properties, FailureHeaders.FirstFailedAt) ?? lastFailedAt,
            LastFailedAt = lastFailedAt,
            TraceId = TraceOf(FailureHeaders.Text(properties, "traceparent")),
        });
    }

    /// <summary>
    /// The properties to publish a kept message by: its own id and headers, as if it had never failed.
    /// </summary>
    public static BasicProperties PropertiesOf(ParkedMessage message) => new()
    {
        MessageId = message.MessageId,
        CorrelationId = message.CorrelationId,
        ContentType = message.ContentType,
        DeliveryMode = DeliveryModes.Persistent,
        Headers = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(message.Headers)!
            .ToDictionary(header => header.Key, header => ReadHeader(header.Value)),
    };

    private static string WriteHeaders(IReadOnlyBasicProperties properties) =>
        JsonSerializer.Serialize(FailureHeaders.Original(properties.Headers).ToDictionary(
            header => WithoutNull(header.Key),
            header => header.Value is bool or int or long
                ? header.Value
                : WithoutNull(FailureHeaders.Text(header.Value))));

    // PostgreSQL takes no NUL in a text, and what it does not take would come back for ever.
    private static ParkedMessage Storable(ParkedMessage message) => message with
    {
        MessageKey = WithoutNull(message.MessageKey),
        MessageId = WithoutNull(message.MessageId),
        CorrelationId = WithoutNull(message.CorrelationId),
        MessageType = WithoutNull(message.MessageType),
        ContentType = WithoutNull(message.ContentType),
        FaultType = WithoutNull(message.FaultType),
        FaultMessage = WithoutNull(message.FaultMessage),
        FaultStack = WithoutNull(message.FaultStack),
    };

    [return: NotNullIfNotNull(nameof(text))]
    private static string? WithoutNull(string? text) => text?.Replace('\0', '\uFFFD');

    private static object? ReadHeader(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetInt64(),
        _ => null,
    };

    // MassTransit's envelope: {"messageId": …, "messageType": ["urn:message:Ecom.Contracts.Orders:OrderPlaced"], …}.
    private static (string? MessageId, string? MessageType) ReadEnvelope(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return default;
            }

            var type = root.TryGetProperty("messageType", out var types)
                && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() > 0
                    ? types[0]
                    : default;
            return (
                root.TryGetProperty("messageId", out var id) && id.ValueKind == JsonValueKind.String
                    ? id.GetString()
                    : null,
                type.ValueKind == JsonValueKind.String ? TypeName(type.GetString()!) : null);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string TypeName(string urn) =>
        (urn.StartsWith(TypePrefix, StringComparison.Ordinal) ? urn[TypePrefix.Length..] : urn).Replace(':', '.');

    private static string? TraceOf(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, out var context) ? context.TraceId.ToHexString() : null;
}
