using Ecom.Fraud.Storage;
using Ecom.Fraud.Webhooks;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Fraud.Jobs;

/// <summary>
/// Sends events to webhooks: one replica at a time, each webhook beside the others, so that one that hangs holds up
/// itself only. A crash between an answer and its note sends again, under the same delivery id.
/// </summary>
internal sealed class WebhookJob(
    DeliveryStore deliveries,
    WebhookSender sender,
    Leases leases,
    TimeProvider clock,
    ILogger<WebhookJob> logger)
    : LeasedJob("webhooks", TimeSpan.FromSeconds(1), leases, logger)
{
    private const int DeliveriesAtOnce = 40;
    private const int RequestsAtOnce = 4;
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _betweenPrunings = TimeSpan.FromHours(1);

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var busy = new Dictionary<Guid, Task>();
        var prunesAt = clock.GetUtcNow();
        try
        {
            while (true)
            {
                // The lease may be held for months.
                if (clock.GetUtcNow() >= prunesAt)
                {
                    await deliveries.PruneAsync(cancellation);
                    prunesAt = clock.GetUtcNow() + _betweenPrunings;
                }

                await deliveries.FanOutAsync(cancellation);
                foreach (var (webhookId, work) in busy.Where(pair => pair.Value.IsCompleted).ToArray())
                {
                    busy.Remove(webhookId);
                    await work;
                }

                foreach (var webhookId in await deliveries.ListDueWebhooksAsync(cancellation))
                {
                    if (!busy.ContainsKey(webhookId))
                    {
                        busy.Add(webhookId, DeliverAsync(webhookId, cancellation));
                    }
                }

                await Task.Delay(_poll, cancellation);
            }
        }
        finally
        {
            // What is under way must end before another replica may begin.
            await Task.WhenAll(busy.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DeliverAsync(Guid webhookId, CancellationToken cancellation)
    {
        var due = await deliveries.ListDueAsync(webhookId, DeliveriesAtOnce, cancellation);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellation },
            async (delivery, token) =>
            {
                var attempt = await sender.SendAsync(delivery, token);
                var state = await deliveries.NoteAsync(delivery, attempt, token);
                Telemetry.WebhookAttempts.Add(
                    1, new KeyValuePair<string, object?>("ecom.fraud.result", state == "pending" ? "retry" : state));
            });
    }
}
