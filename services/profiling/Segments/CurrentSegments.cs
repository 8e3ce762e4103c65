using Ecom.Algorithms.Segmentation;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;

namespace Ecom.Profiling.Segments;

/// <summary>The promoted segmentation in memory, followed every second by each replica.</summary>
internal sealed partial class CurrentSegments(
    SegmentStore store, ArtefactCache artefacts, ILogger<CurrentSegments> logger)
    : Follower("the segmentation", TimeSpan.FromSeconds(1), logger)
{
    private volatile ServedSegments? _served;

    /// <summary>Null until a first segmentation was promoted.</summary>
    public ServedSegments? Served => _served;

    protected override async Task FollowAsync(CancellationToken cancellation)
    {
        var current = await store.ReadCurrentAsync(cancellation);
        if (current is not null && current.ModelVersion != _served?.Version)
        {
            await using var stream = await artefacts.OpenAsync(
                current.ArtefactPath, current.ArtefactSha256, cancellation);
            _served = new ServedSegments(current.ModelVersion, SegmentModel.Read(stream));
            LogServing(current.ModelVersion, _served.Model.Segments.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving segmentation {Version} with {Segments} segments")]
    private partial void LogServing(int version, int segments);
}

/// <summary>A segmentation with its version.</summary>
internal sealed record ServedSegments(int Version, SegmentModel Model);
