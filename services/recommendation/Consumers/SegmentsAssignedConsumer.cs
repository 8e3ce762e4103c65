using Ecom.Contracts.Profiles;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers the segments of customers that a segmentation, an import or time put into them.</summary>
internal sealed class SegmentsAssignedConsumer(SegmentStore segments, Reactions reactions)
    : IConsumer<SegmentsAssigned>
{
    public async Task Consume(ConsumeContext<SegmentsAssigned> context)
    {
        var assigned = context.Message;
        var changed = await segments.AssignAsync(
            InboxEntry.Of(context),
            assigned.Customers.ToDictionary(one => one.CustomerId, one => (string?)one.Segment),
            assigned.AssignedAt,
            context.CancellationToken);
        await reactions.WriteStatesAsync(changed, context.CancellationToken);
    }
}
