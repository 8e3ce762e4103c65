using Ecom.Contracts.Profiles;
using Ecom.Recommendation.Jobs;
using Ecom.Recommendation.Storage;
using Ecom.ServiceDefaults.Messaging;
using MassTransit;

namespace Ecom.Recommendation.Consumers;

/// <summary>Remembers the segment of a customer who did something.</summary>
internal sealed class CustomerProfileChangedConsumer(SegmentStore segments, Reactions reactions)
    : IConsumer<CustomerProfileChanged>
{
    public async Task Consume(ConsumeContext<CustomerProfileChanged> context)
    {
        var profile = context.Message;
        var changed = await segments.AssignAsync(
            InboxEntry.Of(context),
            new Dictionary<string, string?> { [profile.CustomerId] = profile.Segment },
            profile.ChangedAt,
            context.CancellationToken);
        await reactions.WriteStatesAsync(changed, context.CancellationToken);
    }
}
