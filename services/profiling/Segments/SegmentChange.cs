using Ecom.Contracts.Profiles;
using Ecom.Profiling.Storage;

namespace Ecom.Profiling.Segments;

/// <summary>What a new profile means: the segment it falls into, and what others are told.</summary>
internal static class SegmentChange
{
    private const int CustomersInMessage = 100;

    /// <summary>
    /// The profile with its segment by the current segmentation; unchanged without one or without orders.
    /// </summary>
    public static CustomerProfile Assign(CustomerProfile profile, ServedSegments? segments, DateTimeOffset now)
    {
        if (segments is null || profile.ToRfm() is not { } rfm)
        {
            return profile;
        }

        var segment = segments.Model.Assign(rfm).Name;
        return profile with
        {
            Segment = segment,
            SegmentVersion = segments.Version,
            SegmentSince = segment == profile.Segment ? profile.SegmentSince : now,
        };
    }

    /// <summary>What others are told of a batch of profiles: all of live changes, of others only the segment.</summary>
    public static IEnumerable<object> Announce(IReadOnlyList<ProfileChange> changes, DateTimeOffset now)
    {
        var live = changes.Where(change => change.IsLive)
            .SelectMany(change => Announce(change.Before, change.After, now));
        var assigned = changes
            .Where(change => !change.IsLive && change.After.Segment is not null
                && (change.Before.Segment, change.Before.SegmentVersion)
                    != (change.After.Segment, change.After.SegmentVersion))
            .GroupBy(change => change.After.SegmentVersion!.Value)
            .SelectMany(version => version.Chunk(CustomersInMessage).Select(chunk => new SegmentsAssigned
            {
                Customers =
                [
                    .. chunk.Select(change => new AssignedSegment
                    {
                        CustomerId = change.After.CustomerId,
                        Segment = change.After.Segment!,
                    }),
                ],
                ModelVersion = version.Key,
                AssignedAt = now,
            }));
        return live.Concat(assigned);
    }

    /// <summary>
    /// Messages about a live change. A move that comes from another segmentation is no move of the customer's, and the
    /// first assignment is none either.
    /// </summary>
    public static IEnumerable<object> Announce(CustomerProfile before, CustomerProfile after, DateTimeOffset now)
    {
        yield return new CustomerProfileChanged
        {
            CustomerId = after.CustomerId,
            Segment = after.Segment,
            LastOrderAt = after.LastOrderAt,
            Orders = after.Orders,
            Spent = after.Spent - after.Refunded,
            ChangedAt = now,
        };
        if (before.Segment is not { } left
            || after.Segment is not { } entered
            || left == entered
            || before.SegmentVersion != after.SegmentVersion)
        {
            yield break;
        }

        var version = after.SegmentVersion!.Value;
        yield return new CustomerLeftSegment
        {
            CustomerId = after.CustomerId,
            Segment = left,
            ModelVersion = version,
            LeftAt = now,
        };
        yield return new CustomerEnteredSegment
        {
            CustomerId = after.CustomerId,
            Segment = entered,
            ModelVersion = version,
            EnteredAt = now,
        };
    }
}
