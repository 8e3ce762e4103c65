using Ecom.FeatureStore.Storage;

namespace Ecom.FeatureStore.Jobs;

/// <summary>
/// Keeps every replica's view of the generations fresh; knows them before the first message is taken.
/// </summary>
internal sealed partial class GenerationWatch(
    Generations generations, OnlineFeatures online, ILogger<GenerationWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await generations.EnsureFirstAsync(online.Set.Version, cancellationToken);
        var newest = (await generations.ListAsync(cancellationToken))[0];
        if (newest.Definitions != online.Set.Version)
        {
            await generations.BeginAsync(online.Set.Version, cancellationToken);
            LogChanged(newest.Definitions, online.Set.Version);
        }

        await online.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await online.RefreshAsync(stoppingToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogDisturbed(error.Message);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Definitions changed from {Old} to {New}: a new generation is built from history")]
    private partial void LogChanged(string old, string @new);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Generations could not be read, the last known stay: {Reason}")]
    private partial void LogDisturbed(string reason);
}
