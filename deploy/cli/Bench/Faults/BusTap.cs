using RabbitMQ.Client;

namespace Ecom.Cli.Bench.Faults;

/// <summary>A message as it lay in a queue.</summary>
internal sealed record TappedMessage(string? MessageId, ReadOnlyMemory<byte> Body);

/// <summary>Keeps what fraud announces, and empties queues at the end.</summary>
internal static class BusTap
{
    public const string Scored = "faults-payment-scored";
    public const string Alerts = "fraud-alerts";
    private const string ScoredExchange = "Ecom.Contracts.Fraud:PaymentScored";

    /// <summary>Makes the queue that keeps every announced decision.</summary>
    public static async Task PrepareAsync(Uri broker, CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(broker, cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        await channel.ExchangeDeclareAsync(
            ScoredExchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(
            Scored,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellation);
        await channel.QueueBindAsync(Scored, ScoredExchange, string.Empty, cancellationToken: cancellation);
    }

    /// <summary>Takes everything out of a queue.</summary>
    public static async Task<IReadOnlyList<TappedMessage>> EmptyAsync(
        Uri broker, string queue, CancellationToken cancellation)
    {
        await using var connection = await ConnectAsync(broker, cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        var messages = new List<TappedMessage>();
        while (await channel.BasicGetAsync(queue, autoAck: true, cancellation) is { } got)
        {
            messages.Add(new TappedMessage(got.BasicProperties.MessageId, got.Body.ToArray()));
        }

        return messages;
    }

    private static Task<IConnection> ConnectAsync(Uri broker, CancellationToken cancellation) =>
        new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancellation);
}
