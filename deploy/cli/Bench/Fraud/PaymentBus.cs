using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Ecom.Contracts.Payments;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>
/// Publishes payments to every subscriber, each confirmed, and listens to the decisions on a durable queue of its own.
/// </summary>
internal sealed class PaymentBus : IAsyncDisposable
{
    private const string Queue = "bench-payment-scored";
    private const string ScoredExchange = "Ecom.Contracts.Fraud:PaymentScored";
    private const string AttemptedExchange = "Ecom.Contracts.Payments:PaymentAttempted";
    private const string ContentType = "application/vnd.masstransit+json";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();
    private readonly IConnection _sending;
    private readonly IConnection _receiving;
    private readonly IChannel _publisher;
    private readonly IChannel _listener;
    private long _published;
    private long _doubled;
    private long _missing;

    private PaymentBus(IConnection sending, IConnection receiving, IChannel publisher, IChannel listener) =>
        (_sending, _receiving, _publisher, _listener) = (sending, receiving, publisher, listener);

    /// <summary>Payments whose publishing was confirmed.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>Announced decisions beyond the first on a payment.</summary>
    public long Doubled => Interlocked.Read(ref _doubled);

    /// <summary>Payments whose decision was not announced within a minute.</summary>
    public long Missing => Interlocked.Read(ref _missing);

    public static async Task<PaymentBus> OpenAsync(Uri broker, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false };
        var (sending, receiving) = (
            await factory.CreateConnectionAsync(cancellation), await factory.CreateConnectionAsync(cancellation));
        var publisher = await sending.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true,
                outstandingPublisherConfirmationsRateLimiter: null),
            cancellation);
        var listener = await receiving.CreateChannelAsync(cancellationToken: cancellation);
        var bus = new PaymentBus(sending, receiving, publisher, listener);
        await bus.ListenAsync(cancellation);
        return bus;
    }

    /// <summary>Publishes a payment and returns when its decision is announced, or does not come.</summary>
    /// <param name="payment">Published once only.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task DecideAsync(PaymentAttempted payment, CancellationToken cancellation)
    {
        var scored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[payment.PaymentId] = scored;
        await PublishAsync(payment, cancellation);
        Interlocked.Increment(ref _published);
        await scored.Task.WaitAsync(_patience, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        if (!scored.Task.IsCompleted)
        {
            Interlocked.Increment(ref _missing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.QueueDeleteAsync(Queue);
        await _sending.DisposeAsync();
        await _receiving.DisposeAsync();
    }

    // A bench that was killed leaves a queue that goes after some minutes.
    private async Task ListenAsync(CancellationToken cancellation)
    {
        await _listener.ExchangeDeclareAsync(
            ScoredExchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await _listener.QueueDeleteAsync(Queue, cancellationToken: cancellation);
        await _listener.QueueDeclareAsync(
            Queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = 600_000 },
            cancellationToken: cancellation);
        await _listener.QueueBindAsync(Queue, ScoredExchange, string.Empty, cancellationToken: cancellation);
        var consumer = new AsyncEventingBasicConsumer(_listener);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            Note(PaymentIn(delivery.Body.Span));
            return Task.CompletedTask;
        };
        await _listener.BasicConsumeAsync(Queue, autoAck: true, consumer, cancellation);
    }

    // What others pay meanwhile is not the bench's.
    private void Note(string? payment)
    {
        if (payment is not null && _waiting.TryGetValue(payment, out var scored) && !scored.TrySetResult())
        {
            Interlocked.Increment(ref _doubled);
        }
    }

    private Task PublishAsync(PaymentAttempted payment, CancellationToken cancellation)
    {
        var id = Guid.NewGuid();
        var body = Encoding.UTF8.GetBytes($$"""
            {"messageId":"{{id}}","messageType":["urn:message:{{AttemptedExchange}}"],
            "message":{{JsonSerializer.Serialize(payment with { EventId = id }, _json)}}}
            """);
        return _publisher.BasicPublishAsync(
            AttemptedExchange,
            string.Empty,
            mandatory: true,
            new BasicProperties { MessageId = id.ToString(), ContentType = ContentType, Persistent = true },
            body,
            cancellation).AsTask();
    }

    private static string? PaymentIn(ReadOnlySpan<byte> envelope)
    {
        var reader = new Utf8JsonReader(envelope);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("paymentId"))
            {
                return reader.Read() ? reader.GetString() : null;
            }
        }

        return null;
    }
}
