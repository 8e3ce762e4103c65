using Ecom.Profiling.Segments;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Jobs;
using Microsoft.Extensions.Options;

namespace Ecom.Profiling.Jobs;

/// <summary>
/// Makes changed profiles anew, batch by batch; a batch that fails stays marked and is done again. All are made anew
/// when another segmentation serves, and when a day of the shop went by.
/// </summary>
internal sealed class ProfileJob(
    CustomerStore customers,
    ProfileStore profiles,
    ProfileCache cache,
    SegmentStore store,
    CurrentSegments segments,
    IOptions<ProfilingOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<ProfileJob> logger)
    : LeasedJob("profiles", TimeSpan.FromMilliseconds(500), leases, logger)
{
    private const int BatchSize = 500;

    private ServedSegments? _assigning;
    private DateOnly? _agedOn;
    private DateTimeOffset _agedAt;

    protected override async Task RunAsync(CancellationToken cancellation)
    {
        // While the newest artefact cannot be read, the last one serves and profiles still follow events.
        var served = segments.Served;
        if (served is not null && !ReferenceEquals(served, _assigning))
        {
            // Also those that were assigned by the one before between the promotion and its arrival here.
            await store.MarkOthersAsync(served.Version, cancellation);
            _assigning = served;
        }

        await AgeAsync(cancellation);
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

    private async Task AgeAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now - _agedAt < options.Value.AgingInterval)
        {
            return;
        }

        _agedAt = now;
        if (await customers.ReadNewestDayAsync(cancellation) is { } day && day != _agedOn)
        {
            await customers.MarkAgedAsync(cancellation);
            _agedOn = day;
        }
    }
}
