using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Ecom.Cli.Bench.Faults;

/// <summary>
/// Sends every bus message again, under its own id and in another order: A, B, A. Also sends what no consumer can
/// read.
/// </summary>
/// <param name="trial">The system.</param>
/// <param name="copies">Copies of each message.</param>
/// <param name="seed">Makes the order.</param>
internal sealed class BusCopies(TrialSystem trial, int copies, int seed) : IAsyncDisposable
{
    private const int AtOnce = 64;
    private const double Kept = 0.05;
    private const string OrderPlaced = "Ecom.Contracts.Orders:OrderPlaced";
    private const string ContentType = "application/vnd.masstransit+json";
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);
    private readonly Random _random = new(seed);
    private readonly List<Copy> _kept = [];
    private readonly HashSet<Guid> _messages = [];
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Bus messages that were sent again.</summary>
    public int Messages => _messages.Count;

    /// <summary>Kinds of poison that were sent; each goes to every queue of placed orders.</summary>
    public int Poison { get; private set; }

    /// <summary>Follows the log until it is told to stop, and then to its end.</summary>
    public async Task FollowAsync(Task stop, CancellationToken cancellation)
    {
        if (copies == 0)
        {
            return;
        }

        string? cursor = null;
        while (true)
        {
            var last = stop.IsCompleted;
            var path = $"/v1/log?limit=2000{(cursor is null ? "" : $"&after={Uri.EscapeDataString(cursor)}")}";
            var page = await trial.TryGetAsync("ingestion", path, cancellation);
            cursor = page?["next"]?.GetValue<string>() ?? cursor;
            var found = page?["messages"]?.AsArray().Select(Read).ToArray() ?? [];
            _messages.UnionWith(found.Select(copy => copy.MessageId));
            await PublishAsync(Shuffled(found), cancellation);
            if (last && page?["caughtUp"]?.GetValue<bool>() == true)
            {
                break;
            }

            if (found.Length == 0)
            {
                await Task.Delay(_pause, cancellation);
            }
        }

        // Some come once more, long after everything.
        await PublishAsync(_kept, cancellation);
    }

    /// <summary>Sends messages that can never be processed.</summary>
    public async Task PoisonAsync(CancellationToken cancellation)
    {
        string[] bodies =
        [
            "no JSON at all",
            $$"""
            {"messageId":"{{Guid.NewGuid()}}","messageType":["urn:message:{{OrderPlaced}}"],
            "message":{"orderId":"half a message"} }
            """,
        ];
        await PublishAsync(
            [.. bodies.Select(body => new Copy(Guid.NewGuid(), OrderPlaced, Encoding.UTF8.GetBytes(body)))],
            cancellation);
        Poison += bodies.Length;
    }

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private List<Copy> Shuffled(Copy[] found)
    {
        var all = Enumerable.Range(0, copies).SelectMany(_ => found).ToArray();
        _random.Shuffle(all);
        _kept.AddRange(found.Where(_ => _random.NextDouble() < Kept));
        return [.. all];
    }

    private static Copy Read(JsonNode? message)
    {
        var type = message!["type"]!.GetValue<string>();
        var dot = type.LastIndexOf('.');
        var exchange = $"{type[..dot]}:{type[(dot + 1)..]}";
        var id = message["messageId"]!.GetValue<Guid>();
        var envelope = new JsonObject
        {
            ["messageId"] = id,
            ["messageType"] = new JsonArray($"urn:message:{exchange}"),
            ["message"] = message["body"]!.DeepClone(),
        };
        return new Copy(id, exchange, JsonSerializer.SerializeToUtf8Bytes(envelope));
    }

    // What the broker did not confirm is sent once more: one copy too many does no harm.
    private async Task PublishAsync(IReadOnlyList<Copy> messages, CancellationToken cancellation)
    {
        foreach (var chunk in messages.Chunk(AtOnce))
        {
            while (true)
            {
                try
                {
                    var channel = await OpenAsync(cancellation);
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                    limit.CancelAfter(TimeSpan.FromSeconds(15));
                    await Task.WhenAll(chunk.Select(copy => PublishAsync(channel, copy, limit.Token)));
                    break;
                }
                catch (Exception lost) when (IsAway(lost, cancellation))
                {
                    await Task.Delay(_pause, cancellation);
                }
            }
        }
    }

    private static bool IsAway(Exception error, CancellationToken cancellation) =>
        error is BrokerUnreachableException or OperationInterruptedException or PublishException or IOException
            or ObjectDisposedException
        || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static Task PublishAsync(IChannel channel, Copy copy, CancellationToken cancellation) =>
        channel.BasicPublishAsync(
            copy.Exchange,
            string.Empty,
            mandatory: false,
            new BasicProperties
            {
                MessageId = copy.MessageId.ToString(),
                ContentType = ContentType,
                Persistent = true,
            },
            copy.Body,
            cancellation).AsTask();

    private async Task<IChannel> OpenAsync(CancellationToken cancellation)
    {
        if (_channel is { IsOpen: true } open)
        {
            return open;
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }

        var factory = new ConnectionFactory { Uri = trial.Broker, AutomaticRecoveryEnabled = false };
        _connection = await factory.CreateConnectionAsync(cancellation);
        _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellation);
        return _channel;
    }

    private sealed record Copy(Guid MessageId, string Exchange, ReadOnlyMemory<byte> Body);
}
