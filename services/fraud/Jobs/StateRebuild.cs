using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Online;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Fraud.Jobs;

/// <summary>
/// Fills a building generation: payments from the decisions made on them, orders, identifications and behaviour from
/// ingestion's log.
/// </summary>
internal sealed class StateRebuild(
    Generations generations,
    RedisEpoch epochs,
    OnlineFeatures online,
    PaymentLedger ledger,
    GenerationWriter generation,
    FeatureWriter writer,
    IServiceProvider services,
    Leases leases,
    ILogger<StateRebuild> logger) : RebuildJob(generations, epochs, leases, logger)
{
    private const int PaymentsAtOnce = 200;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    protected override async Task<long?> FillAsync(
        Generation building, Func<long, long?, Task<bool>> progress, CancellationToken cancellation)
    {
        // Made only when needed: without a rebuild the address of ingestion need not be known.
        var log = services.GetRequiredService<MessageLog>();
        var first = await log.ReadAsync(null, cancellation);
        await generation.AwaitWritersAsync(cancellation);
        var store = online.InGeneration(building.Number);
        return await FillPaymentsAsync(store, progress, cancellation) is { } payments
            ? await FillFromLogAsync(store, log, first, payments, progress, cancellation)
            : null;
    }

    protected override async Task<(int Compared, int Differing)> CompareAsync(
        int active, int building, int limit, CancellationToken cancellation)
    {
        var (compared, differing) = await generation.CompareAsync(active, building, limit, cancellation);
        return (compared, differing.Count);
    }

    protected override Task DropAsync(int generation, CancellationToken cancellation) =>
        online.DropAsync(generation, cancellation);

    private async Task<long?> FillPaymentsAsync(
        RedisFeatureStore store, Func<long, long?, Task<bool>> progress, CancellationToken cancellation)
    {
        var expected = await ledger.CountAsync(cancellation);
        var (done, after) = (0L, string.Empty);
        while (true)
        {
            var page = await generation.FillAsync(store, DeltasOf, after, PaymentsAtOnce, cancellation);
            done += page.Count;
            if (!await progress(done, expected))
            {
                return null;
            }

            if (page.Count < PaymentsAtOnce)
            {
                return done;
            }

            after = page[^1].PaymentId;
        }
    }

    private async Task<long?> FillFromLogAsync(
        RedisFeatureStore store,
        MessageLog log,
        LogPage first,
        long payments,
        Func<long, long?, Task<bool>> progress,
        CancellationToken cancellation)
    {
        var (done, page) = (payments, first);
        while (true)
        {
            await writer.FillAsync(store, page.Messages.Select(Read), cancellation);
            done += page.Messages.Count;
            if (!await progress(done, null))
            {
                return null;
            }

            // The first page was read before the writers were waited for: it cannot be the last word.
            if (page.CaughtUp && !ReferenceEquals(page, first))
            {
                return done;
            }

            if (page.Messages.Count == 0)
            {
                await Task.Delay(_pause, cancellation);
            }

            page = await log.ReadAsync(page.Next, cancellation);
        }
    }

    private static IEnumerable<EntityDelta> DeltasOf(PaymentAttempted payment) => CountedPayment.Fold(
    [
        new CountedPayment(
            payment.PaymentId, PaymentVector.EventOf(payment), HasAttempt: true, payment.Succeeded is not null),
    ]);

    // Under the ids that the consumers count with.
    private static ReceivedMessage Read(LogMessage message)
    {
        switch (message.Name)
        {
            case nameof(InteractionsRecorded):
                return new(message.MessageId, ShopEvents.From(message.As<InteractionsRecorded>()));
            case nameof(OrderPlaced):
                var placed = message.As<OrderPlaced>();
                return new(placed.EventId, ShopEvents.From(placed));
            case nameof(CustomerIdentified):
                var identified = message.As<CustomerIdentified>();
                return new(identified.EventId, ShopEvents.From(identified));
            default:
                return new(message.MessageId, []);
        }
    }
}
