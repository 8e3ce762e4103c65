using Ecom.Profiling.Segments;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Jobs;

namespace Ecom.Profiling.Jobs;

/// <summary>Makes changed profiles anew, batch by batch; a batch that fails stays marked and is done again.</summary>
internal sealed class ProfileJob(
    ProfileStore profiles,
    ProfileCache cache,
    CurrentSegments segments,
    TimeProvider clock,
    Leases leases,
    ILogger<ProfileJob> logger)
    : LeasedJob("profiles", TimeSpan.FromMilliseconds(500), leases, logger)
{
    private const int BatchSize = 500;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        var served = await segments.FollowAsync(cancellation);
        int done;
        do
        {
            var now = clock.GetUtcNow();
            done = await profiles.RefreshAsync(
                BatchSize,
                profile => SegmentChange.Assign(profile, served, now),
                cache.WriteAsync,
                (before, after) => SegmentChange.Announce(before, after, now),
                cancellation);
            Telemetry.Profiles.Add(done);
        }
        while (done == BatchSize);
    }
}
