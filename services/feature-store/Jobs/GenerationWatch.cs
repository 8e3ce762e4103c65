using Ecom.FeatureStore.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.FeatureStore.Jobs;

/// <summary>
/// Keeps every replica's view of the generations fresh; knows them before the first message is taken.
/// </summary>
internal sealed partial class GenerationWatch(
    Generations generations, OnlineFeatures online, ILogger<GenerationWatch> logger)
    : Follower("the generations", TimeSpan.FromSeconds(2), logger)
{
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

    protected override Task FollowAsync(CancellationToken cancellation) => online.RefreshAsync(cancellation);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Definitions changed from {Old} to {New}: a new generation is built from history")]
    private partial void LogChanged(string old, string @new);
}
