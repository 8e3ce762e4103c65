using Ecom.Profiling.Segments;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Jobs;
using Ecom.ServiceDefaults.Storage;
using Microsoft.Extensions.Options;

namespace Ecom.Profiling.Jobs;

/// <summary>
/// Makes changed profiles anew, batch by batch; a batch that fails stays marked and is done again. All are made anew
/// when another segmentation serves, when a day of the shop went by, and when Redis may have lost some.
/// </summary>
internal sealed class ProfileJob(
    CustomerStore customers,
    ProfileStore profiles,
    ProfileCache cache,
    RedisEpoch epochs,
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
    private DateTimeOffset _visitsAt;
    private string? _epoch;

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

        // A profile that lost its last change looks like any other.
        if (await epochs.TryReadAsync() is { } epoch && epoch != _epoch)
        {
            await customers.MarkAllAsync(cancellation);
            _epoch = epoch;
        }

        await AgeAsync(cancellation);
        await RefreshAsync(served, cancellation);
    }

    // One pass in the order of ids: a customer who changes all the time cannot keep the job busy for ever.
    private async Task RefreshAsync(ServedSegments? served, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var visits = now - _visitsAt >= options.Value.VisitInterval;
        if (visits)
        {
            _visitsAt = now;
        }

        IReadOnlyList<string> done;
        var after = string.Empty;
        do
        {
            done = await profiles.RefreshAsync(
                after,
                visits,
                BatchSize,
                profile => SegmentChange.Assign(profile, served, now),
                cache.WriteAsync,
                changes => SegmentChange.Announce(changes, now),
                cancellation);
            Telemetry.Profiles.Add(done.Count);
            after = done.Count > 0 ? done[^1] : after;
        }
        while (done.Count == BatchSize);
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
