using Ecom.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Ecom.Ingestion.Jobs;

/// <summary>Watches how many messages wait for the broker, and says when the door must be shut.</summary>
internal sealed partial class Backlog(
    Outbox outbox, IOptions<IngestionOptions> options, ILogger<Backlog> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private volatile bool _isFull;

    /// <summary>Whether new events are refused for now.</summary>
    public bool IsFull => _isFull;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval);
        do
        {
            try
            {
                var rows = (await outbox.ReadBacklogAsync(stoppingToken)).Rows;
                var isFull = rows >= options.Value.MaxBacklog;
                if (isFull != _isFull)
                {
                    LogChanged(isFull ? "refused" : "accepted", rows);
                }

                _isFull = isFull;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // The writer meets the same fault and answers 503 for itself.
                LogUnknown(error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events are {State}: {Rows} messages wait for the broker")]
    private partial void LogChanged(string state, long rows);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The backlog cannot be read: {Reason}")]
    private partial void LogUnknown(string reason);
}
