using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>
/// Takes a message that its consumer could not handle: into a delay queue, or, when it was there often enough or can
/// never succeed, into the error queue. The broker has confirmed the copy before the original is acknowledged; a
/// crash in between gives the message twice, with the same id.
/// </summary>
internal sealed partial class FailedMessages(
    Broker broker, FailureQueues queues, TimeProvider clock, ILogger<FailedMessages> logger)
{
    private const int LongestMessage = 2_000;
    private const int LongestStack = 4_000;
    private static readonly Meter _meter = new("Ecom.Messaging");
    private static readonly Counter<long> _delayed = _meter.CreateCounter<long>(
        "ecom.retries.delayed", "{message}", "Messages put aside to be tried again later.");

    /// <summary>Puts the message aside.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.RabbitMQClientException">The broker did not take the copy: the
    /// original must not be acknowledged.</exception>
    public async Task TakeAsync(ReceiveContext context, Exception fault)
    {
        if (!context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
        {
            throw new InvalidOperationException("The message does not come from RabbitMQ.");
        }

        var queue = context.InputAddress.Segments[^1];
        var attempts = FailureHeaders.CountAttempts(delivery.Properties) + 1;
        var properties = Describe(delivery.Properties, attempts, fault);
        var later = IsFinal(fault) ? null : queues.Delays.ElementAtOrDefault(attempts - 1);
        await using var channel = await broker.OpenChannelAsync(context.CancellationToken);
        await channel.BasicPublishAsync(
            exchange: later?.Name ?? string.Empty,
            routingKey: later is null ? FailureQueues.ErrorsOf(queue) : queue,
            mandatory: true,
            properties,
            context.Body.GetBytes(),
            context.CancellationToken);
        if (later is null)
        {
            LogParked(queue, properties.MessageId, attempts, fault.GetType().Name, fault.Message);
            return;
        }

        _delayed.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", queue));
        LogDelayed(queue, properties.MessageId, later.Delay, fault.GetType().Name, fault.Message);
    }

    // A consumer may fail on the JSON of somebody else; only a message that cannot be read itself is hopeless.
    private static bool IsFinal(Exception fault) =>
        fault is UnusableMessageException or SerializationException or UnknownMessageException
        || (fault is JsonException
            && fault.StackTrace?.Contains("MassTransit.Serialization.", StringComparison.Ordinal) == true);

    private BasicProperties Describe(IReadOnlyBasicProperties received, int attempts, Exception fault)
    {
        var properties = FailureHeaders.Original(received);
        var now = clock.GetUtcNow();
        properties.Headers![FailureHeaders.Attempts] = attempts;
        properties.Headers[FailureHeaders.FirstFailedAt] =
            Text(FailureHeaders.Time(received, FailureHeaders.FirstFailedAt) ?? now);
        properties.Headers[FailureHeaders.LastFailedAt] = Text(now);
        properties.Headers[FailureHeaders.FaultType] = fault.GetType().FullName;
        properties.Headers[FailureHeaders.FaultMessage] = Start(fault.Message, LongestMessage);
        properties.Headers[FailureHeaders.FaultStack] = Start(fault.ToString(), LongestStack);
        return properties;
    }

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static string Start(string text, int length) => text.Length <= length ? text : text[..length];

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Message {MessageId} of {Queue} failed and is tried again in {Delay}: {Fault}: {Reason}")]
    private partial void LogDelayed(string queue, string? messageId, TimeSpan delay, string fault, string reason);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Message {MessageId} of {Queue} is parked after {Attempts} attempts: {Fault}: {Reason}")]
    private partial void LogParked(string queue, string? messageId, int attempts, string fault, string reason);
}

/// <summary>No consumer of the queue takes a message of this type.</summary>
internal sealed class UnknownMessageException()
    : Exception("No consumer of this queue takes a message of this type.");
