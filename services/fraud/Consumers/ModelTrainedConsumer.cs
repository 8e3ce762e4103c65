using Ecom.Contracts.Models;
using Ecom.Fraud.Scoring;
using Ecom.Fraud.Storage;
using MassTransit;

namespace Ecom.Fraud.Consumers;

/// <summary>Looks who is challenger after a training. Idempotent: training tells how it is now.</summary>
internal sealed class ModelTrainedConsumer(TrainingModels training, ModelStore models) : IConsumer<ModelTrained>
{
    public async Task Consume(ConsumeContext<ModelTrained> context)
    {
        if (context.Message.Model == CurrentModels.Name)
        {
            await models.ChallengeAsync(
                await training.FindChallengerAsync(context.CancellationToken), context.CancellationToken);
        }
    }
}
