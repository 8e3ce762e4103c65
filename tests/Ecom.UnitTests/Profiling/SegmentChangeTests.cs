using Ecom.Algorithms.Segmentation;
using Ecom.Contracts.Profiles;
using Ecom.Profiling.Segments;
using Ecom.Profiling.Storage;

namespace Ecom.UnitTests.Profiling;

public sealed class SegmentChangeTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly ServedSegments _segments = new(2, new SegmentModel
    {
        Scaling = new RfmScaling([0, 0, 0], [1, 1, 1]),
        Segments = [new Segment("Recent", [0, 1, 1], 1), new Segment("Away", [5, 1, 1], 1)],
        Choices = [],
    });

    [Theory]
    [InlineData(0, "Recent")]
    [InlineData(140, "Away")]
    [InlineData(null, null)]
    public void A_customer_is_assigned_by_recency_and_one_without_orders_is_not(int? days, string? segment)
    {
        var assigned = SegmentChange.Assign(Profile(days), _segments, _now);

        Assert.Equal(segment, assigned.Segment);
        Assert.Equal(segment is null ? null : _now, assigned.SegmentSince);
    }

    [Fact]
    public void Who_stays_keeps_the_day_of_entry()
    {
        var before = Profile(0) with { Segment = "Recent", SegmentSince = _now.AddDays(-9) };

        Assert.Equal(_now.AddDays(-9), SegmentChange.Assign(before, _segments, _now).SegmentSince);
    }

    [Fact]
    public void Without_a_segmentation_the_profile_stays_as_it_is()
    {
        var before = Profile(0) with { Segment = "Recent" };

        Assert.Same(before, SegmentChange.Assign(before, null, _now));
    }

    [Theory]
    [InlineData("Away", 2, true)]
    [InlineData("Away", 1, false)]
    [InlineData("Recent", 2, false)]
    [InlineData(null, null, false)]
    public void Only_a_move_within_one_segmentation_is_a_move(string? segment, int? version, bool moved)
    {
        var before = Profile(0) with { Segment = segment, SegmentVersion = version };

        var messages = SegmentChange.Announce(before, SegmentChange.Assign(before, _segments, _now), _now).ToArray();

        Assert.Equal("Recent", Assert.IsType<CustomerProfileChanged>(messages[0]).Segment);
        Assert.Equal(
            moved ? [typeof(CustomerLeftSegment), typeof(CustomerEnteredSegment)] : [],
            messages.Skip(1).Select(message => message.GetType()));
    }

    [Fact]
    public void What_is_no_live_change_only_tells_who_keeps_a_copy_of_segments()
    {
        ProfileChange[] changes =
        [
            .. Enumerable.Range(0, 101).Select(customer => Change($"c{customer}", null, null)),
            Change("promoted", "Recent", 1), Change("moved", "Away", 2), Change("stays", "Recent", 2),
            Change("none", null, null, days: null), Change("live", "Away", 2) with { IsLive = true },
        ];

        var messages = SegmentChange.Announce(changes, _now).ToArray();

        Assert.Equal("live", messages.OfType<CustomerProfileChanged>().Single().CustomerId);
        var assigned = messages.OfType<SegmentsAssigned>().ToArray();
        Assert.Equal([100, 3], assigned.Select(message => message.Customers.Count));
        Assert.Equal(["c100", "promoted", "moved"], assigned[1].Customers.Select(one => one.CustomerId));
        Assert.All(assigned, message => Assert.Equal((2, _now), (message.ModelVersion, message.AssignedAt)));
        Assert.All(assigned.SelectMany(message => message.Customers), one => Assert.Equal("Recent", one.Segment));
        Assert.Equal(5, messages.Length);
    }

    private static ProfileChange Change(string customer, string? segment, int? version, int? days = 0)
    {
        var before = Profile(days) with { CustomerId = customer, Segment = segment, SegmentVersion = version };
        return new ProfileChange(before, SegmentChange.Assign(before, _segments, _now), IsLive: false);
    }

    private static CustomerProfile Profile(int? recencyDays) => new()
    {
        CustomerId = "ann",
        Orders = recencyDays is null ? 0 : 2,
        Spent = recencyDays is null ? 0 : 2,
        Refunded = 0,
        RecencyDays = recencyDays,
        Views = 0,
        Carts = 0,
    };
}
