using Ecom.Contracts.Behaviour;
using Ecom.Profiling.Storage;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Telemetry;
using MassTransit;

namespace Ecom.Profiling.Consumers;

/// <summary>Counts what known customers look at. Robots and strangers do not count.</summary>
[Gathered]
internal sealed class InteractionsRecordedConsumer(CustomerStore customers) : IConsumer<InteractionsRecorded>
{
    public async Task Consume(ConsumeContext<InteractionsRecorded> context)
    {
        var interactions = context.Message.Interactions
            .Where(item => item.CustomerId is not null && !item.Source.IsBot)
            .ToArray();
        using var spans = EventSpans.Start(
            Telemetry.Source, "process interactions-recorded", interactions.Select(item => item.TraceParent));
        await customers.RecordVisitsAsync(InboxEntry.Of(context), interactions, context.CancellationToken);
    }
}
