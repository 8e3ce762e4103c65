using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Catalogue;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;
using Ecom.FeatureStore.Storage;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.ServiceDefaults;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Online;
using MassTransit;

namespace Ecom.FeatureStore.Jobs;

/// <summary>
/// Fills history from ingestion's log, for a store that came late or lost its tables; a new generation of online state
/// is built when it has caught up, and answers are degraded until then.
/// </summary>
/// <remarks>
/// Messages go through the recorder with the inbox entry that the bus would give them, so what comes both ways counts
/// once. Online state is left to the rebuild: a message whose inbox row and applied ids were pruned long ago adds
/// nothing to history, but would be counted in Redis again.
/// </remarks>
internal sealed partial class LogFillJob(
    LogFills fills,
    Generations generations,
    OnlineFeatures online,
    ServiceIdentity identity,
    IServiceProvider services,
    Leases leases,
    ILogger<LogFillJob> logger) : LeasedJob("log-fill", TimeSpan.FromSeconds(2), leases, logger)
{
    private const int MessagesAtOnce = 64;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        if ((await fills.ListAsync(cancellation)).FirstOrDefault(fill => !fill.Done) is not { } open)
        {
            return;
        }

        // Made only when needed: without a fill the address of ingestion need not be known.
        var log = services.GetRequiredService<MessageLog>();
        var recorder = ActivatorUtilities.CreateInstance<EventRecorder>(services, online.WithoutWriting());
        await generations.MarkLostAsync(cancellation);
        var cursor = open.Cursor;
        var isDone = false;
        while (!isDone)
        {
            var page = await log.ReadAsync(cursor, cancellation);
            await Parallel.ForEachAsync(
                page.Messages,
                new ParallelOptions { MaxDegreeOfParallelism = MessagesAtOnce, CancellationToken = cancellation },
                async (message, token) => await RecordAsync(recorder, message, token));
            (cursor, isDone) = (page.Next, page.CaughtUp);
            if (isDone)
            {
                // A rebuild that ended just when this fill began has switched to a generation without it.
                await generations.MarkLostAsync(cancellation);
            }

            await fills.AdvanceAsync(open.Fill, cursor, page.Messages.Count, isDone, cancellation);
            if (page.Messages.Count == 0 && !isDone)
            {
                await Task.Delay(_pause, cancellation);
            }
        }

        LogDone(open.Fill);
    }

    private Task RecordAsync(EventRecorder recorder, LogMessage message, CancellationToken cancellation)
    {
        var names = new KebabCaseEndpointNameFormatter(identity.Name, includeNamespace: false);
        var entry = new InboxEntry($"{identity.Name}-{names.SanitizeName(message.Name)}", message.MessageId);
        return message.Name switch
        {
            nameof(InteractionsRecorded) => Take(ShopEvents.From(message.As<InteractionsRecorded>())),
            nameof(OrderPlaced) => Take(ShopEvents.From(message.As<OrderPlaced>())),
            nameof(OrderCancelled) => Take(ShopEvents.From(message.As<OrderCancelled>())),
            nameof(OrderRefunded) => Take(ShopEvents.From(message.As<OrderRefunded>())),
            nameof(ProductChanged) => Take(ShopEvents.From(message.As<ProductChanged>())),
            nameof(CustomerIdentified) => Take(ShopEvents.From(message.As<CustomerIdentified>())),
            nameof(PaymentAttempted) =>
                recorder.RecordPaymentAsync(entry, message.As<PaymentAttempted>(), cancellation),
            nameof(PaymentDisputed) => recorder.RecordDisputeAsync(entry, message.As<PaymentDisputed>(), cancellation),
            _ => throw new InvalidOperationException(
                $"Ingestion's log holds a {message.Type}, which is not known here."),
        };

        Task Take(IReadOnlyList<ShopEvent> events) => recorder.RecordAsync(entry, events, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fill {Fill} from ingestion's log has caught up")]
    private partial void LogDone(int fill);
}
