using System.Diagnostics.Metrics;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Logging;

namespace Ecom.ServiceDefaults.Online;

/// <summary>
/// Keeps every replica's view of the generations fresh, and notices when Redis lost their data; knows them before the
/// first message is taken.
/// </summary>
/// <param name="generations">The generations.</param>
/// <param name="epochs">Tells of losses.</param>
/// <param name="definitions">Version of the definitions that the service has; another one begins a generation.</param>
/// <param name="logger">Where losses are told.</param>
public sealed partial class GenerationWatch(
    Generations generations, RedisEpoch epochs, string definitions, ILogger<GenerationWatch> logger)
    : Follower("the generations", TimeSpan.FromSeconds(1), logger)
{
    private static readonly Meter _meter = new("Ecom.Redis");
    private static readonly Counter<long> _losses = _meter.CreateCounter<long>(
        "ecom.redis.losses", "{loss}", "Times that online state in Redis was lost and is rebuilt.");

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var epoch = await epochs.TryReadAsync();
        await generations.EnsureFirstAsync(definitions, epoch, cancellationToken);
        var newest = (await generations.ListAsync(cancellationToken))[0];
        if (newest.Definitions != definitions)
        {
            await generations.BeginAsync(definitions, epoch, verify: 0, cancellationToken);
            LogChanged(newest.Definitions, definitions);
        }

        await generations.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        await generations.RefreshAsync(cancellation);
        if (await epochs.TryReadAsync() is not { } epoch)
        {
            return;
        }

        if (await generations.FollowEpochAsync(epoch, definitions, cancellation))
        {
            _losses.Add(1);
            LogLost(generations.Active.Number);
        }

        await generations.RefreshAsync(cancellation);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Definitions changed from {Old} to {New}: a new generation is built")]
    private partial void LogChanged(string old, string @new);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Redis was restarted or lost its data: generation {Generation} is replaced, answers are degraded")]
    private partial void LogLost(int generation);
}
