using Ecom.Contracts.Profiles;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers the segment of a customer.</summary>
internal sealed class CustomerProfileChangedConsumer(SegmentStore segments, Reactions reactions)
    : IConsumer<CustomerProfileChanged>
{
    public async Task Consume(ConsumeContext<CustomerProfileChanged> context)
    {
        var profile = context.Message;
        await segments.AssignAsync(
            InboxEntry.Of(context),
            new Dictionary<string, string?> { [profile.CustomerId] = profile.Segment },
            profile.ChangedAt,
            context.CancellationToken);

        // Of a redelivered message too: it may have been interrupted here.
        await reactions.ApplyAsync([Visitor.Customer(profile.CustomerId)], context.CancellationToken);
    }
}
