using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Publishes outbox rows over a channel of its own, in MassTransit's envelope, each until the broker confirmed it. The
/// stored JSON goes out as it is: reading and writing it again would be most of the cost.
/// </summary>
internal sealed class OutboxPublisher(IChannel channel) : IAsyncDisposable
{
    private const string ContentType = "application/vnd.masstransit+json";
    private const string TraceHeader = "MT-Activity-Id";
    private static readonly ActivitySource _source = new("Ecom.Messaging");
    private readonly HashSet<string> _declared = [];

    public ValueTask DisposeAsync() => channel.DisposeAsync();

    /// <summary>Returns when all are confirmed. What fails may have been published all the same.</summary>
    public async Task PublishAsync(
        IReadOnlyCollection<OutboxRow> rows, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var exchange in rows.Select(row => row.Exchange).Where(exchange => !_declared.Contains(exchange)))
        {
            // As MassTransit declares it; a message that nobody consumes yet has no exchange either.
            await channel.ExchangeDeclareAsync(
                exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
            _declared.Add(exchange);
        }

        await Task.WhenAll(rows.Select(row => PublishAsync(row, now, cancellation)));
    }

    private async Task PublishAsync(OutboxRow row, DateTimeOffset now, CancellationToken cancellation)
    {
        ActivityContext.TryParse(row.TraceParent, null, isRemote: true, out var parent);
        using var span = parent == default
            ? null
            : _source.StartActivity("relay outbox", ActivityKind.Producer, parent);
        span?.SetTag("messaging.system", "rabbitmq");
        span?.SetTag("messaging.destination.name", row.Exchange);
        span?.SetTag("messaging.message.id", row.MessageId);
        var properties = new BasicProperties
        {
            MessageId = row.MessageId.ToString(),
            ContentType = ContentType,
            Persistent = true,
        };
        if (span is not null)
        {
            properties.Headers = new Dictionary<string, object?> { [TraceHeader] = span.Id };
        }

        await channel.BasicPublishAsync(
            row.Exchange, string.Empty, mandatory: false, properties, Envelope(row, now), cancellation);
    }

    // Ids, type and time need no escaping.
    private static ReadOnlyMemory<byte> Envelope(OutboxRow row, DateTimeOffset now)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"messageId":"{{row.MessageId}}","sentTime":"{{now:O}}",
            "messageType":["urn:message:{{row.Exchange}}"],"message":
            """);
        var envelope = new ArrayBufferWriter<byte>(head.Length + row.Body.Length + 1);
        Encoding.UTF8.GetBytes(head, envelope);
        envelope.Write(row.Body);
        envelope.Write("}"u8);
        return envelope.WrittenMemory;
    }
}

/// <summary>A row of table <c>outbox</c>.</summary>
/// <param name="MessageId">Id of the message.</param>
/// <param name="MessageType">Its type and assembly.</param>
/// <param name="Body">UTF-8 JSON.</param>
/// <param name="TraceParent">Trace to publish it in, or null.</param>
internal sealed record OutboxRow(Guid MessageId, string MessageType, byte[] Body, string? TraceParent)
{
    /// <summary>The exchange of the type, and its name in MassTransit's envelope: <c>Namespace:Type</c>.</summary>
    public string Exchange { get; } = ExchangeOf(MessageType);

    private static string ExchangeOf(string messageType)
    {
        var name = messageType.AsSpan()[..messageType.IndexOf(',', StringComparison.Ordinal)];
        var dot = name.LastIndexOf('.');
        return $"{name[..dot]}:{name[(dot + 1)..]}";
    }
}
