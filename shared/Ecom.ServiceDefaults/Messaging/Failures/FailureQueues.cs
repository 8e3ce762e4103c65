using System.Globalization;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Ecom.ServiceDefaults.Messaging.Failures;

/// <summary>
/// Where failed messages wait: for each consumer's queue an error queue, from which they go into the table
/// <c>parked_messages</c>, and for each delay one queue of the service, in which a message lies until its time to
/// live is over and the broker puts it back into the queue that it came from.
/// </summary>
internal sealed class FailureQueues(
    Broker broker, ConsumerQueues queues, ServiceIdentity identity, IOptions<MessagingOptions> options)
{
    // A message that kills its consumer that often is parked; without a limit it would kill for ever.
    private const int DeliveryLimit = 20;

    /// <summary>The delay queues, the shortest first: one for each time a message is tried again.</summary>
    public IReadOnlyList<DelayQueue> Delays { get; } =
        [.. options.Value.LaterRetries.Select(delay => new DelayQueue(NameOf(identity.Name, delay), delay))];

    /// <summary>The error queues of this service.</summary>
    public IEnumerable<string> Errors => queues.Names.Select(ErrorsOf);

    /// <summary>Name of a queue's error queue, and of the exchange for what exceeds the delivery limit.</summary>
    public static string ErrorsOf(string queue) => $"{queue}_error";

    /// <summary>The queue whose error queue this is.</summary>
    public static string SourceOf(string errorQueue) => errorQueue[..^"_error".Length];

    /// <summary>The arguments of a consumer's queue.</summary>
    public static IReadOnlyDictionary<string, object> ArgumentsOf(string queue) => new Dictionary<string, object>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = ErrorsOf(queue),
    };

    /// <summary>
    /// Declares them all. Before a message needs them: what is dead-lettered into nothing is lost.
    /// </summary>
    public async Task DeclareAsync(CancellationToken cancellation)
    {
        if (queues.Names.Count == 0)
        {
            return;
        }

        foreach (var queue in Errors)
        {
            await DeclareErrorsAsync(queue, cancellation);
        }

        await using var channel = await broker.OpenChannelAsync(cancellation);
        foreach (var (name, delay) in Delays)
        {
            await DeclareAsync(channel, name, DelayArguments(delay), cancellation);
        }
    }

    /// <summary>Name of a delay queue: <c>fraud_retry_10s</c>.</summary>
    internal static string NameOf(string service, TimeSpan delay)
    {
        var text = delay.TotalMilliseconds switch
        {
            var ms when ms % 3_600_000 == 0 => Text(ms / 3_600_000, "h"),
            var ms when ms % 60_000 == 0 => Text(ms / 60_000, "m"),
            var ms when ms % 1_000 == 0 => Text(ms / 1_000, "s"),
            var ms => Text(ms, "ms"),
        };
        return $"{service}_retry_{text}";

        static string Text(double count, string unit) => count.ToString("0", CultureInfo.InvariantCulture) + unit;
    }

    // No dead-letter routing key: the message keeps its own, which is the queue that it goes back to. At least once,
    // because the default strategy may lose a message on its way.
    private static Dictionary<string, object?> DelayArguments(TimeSpan delay) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-message-ttl"] = (long)delay.TotalMilliseconds,
        ["x-dead-letter-exchange"] = string.Empty,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    // An error queue has no delivery limit: what exceeded it there would be dropped.
    private async Task DeclareErrorsAsync(string queue, CancellationToken cancellation)
    {
        try
        {
            await using var channel = await broker.OpenChannelAsync(cancellation);
            var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
            await DeclareAsync(channel, queue, arguments, cancellation);
        }
        catch (OperationInterruptedException error)
            when (error.ShutdownReason?.ReplyCode == Constants.PreconditionFailed)
        {
            // One of an earlier version, with a limit: it serves as well as it did.
        }
    }

    private static async Task DeclareAsync(
        IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken cancellation)
    {
        await channel.ExchangeDeclareAsync(
            name, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
        await channel.QueueBindAsync(name, name, string.Empty, cancellationToken: cancellation);
    }
}

/// <summary>A queue in which a message waits.</summary>
/// <param name="Name">Its name, and that of its exchange.</param>
/// <param name="Delay">How long.</param>
internal sealed record DelayQueue(string Name, TimeSpan Delay);
