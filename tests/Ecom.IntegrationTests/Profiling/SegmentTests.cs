using System.Net;
using System.Net.Http.Json;
using Ecom.Contracts.Profiles;
using Ecom.Testing;
using Ecom.Testing.Infrastructure;
using Xunit;
using static Ecom.IntegrationTests.Profiling.ShopMessages;

namespace Ecom.IntegrationTests.Profiling;

public sealed class SegmentTests(Backends backends) : ProfilingFixture(backends)
{
    [Fact]
    public async Task A_promoted_segmentation_assigns_every_customer_and_a_roll_back_assigns_as_before()
    {
        await PublishAsync(Order("o1", "ann", Now, pounds: 10, backfill: true));
        await PublishAsync(Order("o2", "bob", Now, pounds: 900, backfill: true));
        await ReadProfileAsync("bob", p => p.Orders == 1);
        var first = await PromoteAsync(1, ("Loyal", 1_000), ("Champions", 90_000));

        await ReadProfileAsync("ann", p => p is { Segment: "Loyal", SegmentVersion: 1 });
        await ReadProfileAsync("bob", p => p is { Segment: "Champions", SegmentVersion: 1 });
        var segments = await ReadSegmentsAsync(answer => answer is { ModelVersion: 1, CustomersWaiting: 0 });
        Assert.Equal([("Loyal", 1L), ("Champions", 1L)], segments.Segments.Select(one => (one.Name, one.Customers)));
        Assert.Equal([1_000, 90_000], segments.Segments.Select(one => Math.Round(one.TypicalSpent)));
        Assert.Equal(["bob"], await Service.CreateClient("read").GetFromJsonAsync<List<string>>(
            "/v1/segments/Champions/customers") ?? []);

        await PromoteAsync(2, ("New", 1_000), ("Lost", 90_000));
        await ReadProfileAsync("ann", p => p is { Segment: "New", SegmentVersion: 2 });
        await PublishAsync(first with { PreviousVersion = 2, PromotedAt = Now.AddHours(1) });
        await ReadProfileAsync("ann", p => p is { Segment: "Loyal", SegmentVersion: 1 });
        await ReadProfileAsync("bob", p => p is { Segment: "Champions", SegmentVersion: 1 });

        // Whom a promotion assigns raises no event, only services that keep a copy are told.
        string[] told = ["ann 1 Loyal", "bob 1 Champions", "ann 2 New", "bob 2 Lost", "ann 1 Loyal", "bob 1 Champions"];
        await Eventually.BeTrueAsync(() => Task.FromResult(Assigned.Sum(one => one.Customers.Count) == told.Length));
        Assert.Equal(told.Order(), Assigned
            .SelectMany(message => message.Customers.Select(one =>
                $"{one.CustomerId} {message.ModelVersion} {one.Segment}"))
            .Order());
        await Task.Delay(1_000);
        Assert.Empty(Heard);
    }

    [Fact]
    public async Task A_live_move_is_announced_once_and_an_imported_one_never()
    {
        await PublishAsync(Order("o1", "ann", Now, pounds: 10, backfill: true));
        await PublishAsync(Order("o2", "bob", Now, pounds: 10, backfill: true));
        await PromoteAsync(1, ("Loyal", 1_000), ("Champions", 90_000));
        await ReadProfileAsync("ann", p => p.Segment == "Loyal");
        await ReadProfileAsync("bob", p => p.Segment == "Loyal");

        await PublishAsync(Order("o3", "bob", Now, pounds: 890, backfill: true));
        await ReadProfileAsync("bob", p => p.Segment == "Champions");
        await PublishAsync(Order("o4", "ann", Now, pounds: 890));
        await ReadProfileAsync("ann", p => p.Segment == "Champions");

        await Eventually.BeTrueAsync(() => Task.FromResult(Heard.OfType<CustomerEnteredSegment>().Any()));
        await Task.Delay(1_000);
        var entered = Assert.Single(Heard.OfType<CustomerEnteredSegment>());
        Assert.Equal(("ann", "Champions", 1), (entered.CustomerId, entered.Segment, entered.ModelVersion));
        var left = Assert.Single(Heard.OfType<CustomerLeftSegment>());
        Assert.Equal(("ann", "Loyal", 1), (left.CustomerId, left.Segment, left.ModelVersion));
        var changed = Assert.Single(Heard.OfType<CustomerProfileChanged>());
        Assert.Equal(("ann", "Champions"), (changed.CustomerId, changed.Segment));
        Assert.Equal((2, 90_000L), (changed.Orders, changed.Spent));
    }

    [Fact]
    public async Task Neither_a_redelivered_order_nor_a_visit_is_announced()
    {
        var order = Order("o1", "ann", Now);
        await PublishAsync(order);
        await Eventually.BeTrueAsync(() => Task.FromResult(!Heard.IsEmpty));
        await PublishAsync(order);
        await PublishAsync(Visit("ann", Now));
        await ReadProfileAsync("ann", p => p is { Orders: 1, Views: 2 });
        await Task.Delay(2_000);

        Assert.Single(Heard.OfType<CustomerProfileChanged>());
    }

    [Fact]
    public async Task A_damaged_segmentation_leaves_the_last_one_serving_and_profiles_follow_events()
    {
        await PublishAsync(Order("o1", "ann", Now, pounds: 10));
        await PromoteAsync(1, ("Loyal", 1_000), ("Champions", 90_000));
        await ReadProfileAsync("ann", p => p.Segment == "Loyal");

        await PromoteDamagedAsync(2);
        await Task.Delay(1_500);
        await PublishAsync(Order("o2", "ann", Now, pounds: 890));
        await ReadProfileAsync("ann", p => p is { Orders: 2, Segment: "Champions", SegmentVersion: 1 });

        await PromoteAsync(3, ("New", 1_000), ("Lost", 90_000));
        await ReadProfileAsync("ann", p => p is { Segment: "Lost", SegmentVersion: 3 });
    }

    [Fact]
    public async Task Before_a_segmentation_it_is_said_how_to_get_one()
    {
        var answer = await Service.CreateClient("read").GetAsync("/v1/segments");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("/v1/runs", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<SegmentsAnswer> ReadSegmentsAsync(Func<SegmentsAnswer, bool> fits) => Eventually.ReadAsync(
        async () => (await Service.CreateClient("read").GetFromJsonAsync<SegmentsAnswer>("/v1/segments"))!, fits);

    private sealed record SegmentsAnswer(int ModelVersion, long CustomersWaiting, List<SegmentAnswer> Segments);

    private sealed record SegmentAnswer(string Name, long Customers, double TypicalSpent);
}
