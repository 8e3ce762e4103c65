using System.Diagnostics;
using Ecom.Contracts.Models;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Storage;
using MassTransit;

namespace Ecom.Training.Consumers;

/// <summary>
/// Keeps the live quality of versions; when the champion's falls, says so and trains its recipe again.
/// </summary>
internal sealed class ModelOutcomesMeasuredConsumer(QualityStore quality) : IConsumer<ModelOutcomesMeasured>
{
    public async Task Consume(ConsumeContext<ModelOutcomesMeasured> context)
    {
        var found = await quality.AddOnceAsync(
            InboxEntry.Of(context), context.Message, context.CancellationToken);
        foreach (var one in found)
        {
            Telemetry.Degradations.Add(
                1, new TagList { { "ecom.model", context.Message.Model }, { "ecom.metric", one.Metric } });
        }
    }
}
