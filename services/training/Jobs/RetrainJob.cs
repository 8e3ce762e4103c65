using System.Text.Json;
using Ecom.ServiceDefaults.Jobs;
using Ecom.Training.Data;
using Ecom.Training.Runs;
using Ecom.Training.Storage;
using Ecom.Training.Trainers;
using Microsoft.Extensions.Options;

namespace Ecom.Training.Jobs;

/// <summary>Trains champions' recipes again when they are due: by age, or by the rows that came since.</summary>
internal sealed partial class RetrainJob(
    Retraining retraining,
    IHttpClientFactory clients,
    IOptions<TrainingOptions> options,
    TimeProvider clock,
    Leases leases,
    ILogger<RetrainJob> logger) : LeasedJob("retrain", options.Value.RetrainCheck, leases, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var model in await retraining.ListServedAsync(cancellation))
        {
            if (IsOld(model))
            {
                await retraining.QueueIfQuietAsync(model.Model, "schedule", "schedule", cancellation);
            }
            else if (await HasGrownAsync(model, cancellation))
            {
                await retraining.QueueIfQuietAsync(model.Model, "volume", "volume", cancellation);
            }
        }
    }

    private bool IsOld(ServedModel model) =>
        options.Value.RetrainAfter.TryGetValue(model.Model, out var after) && after > TimeSpan.Zero
            && clock.GetUtcNow() - model.NewestRunAt >= after;

    private async Task<bool> HasGrownAsync(ServedModel model, CancellationToken cancellation)
    {
        if (!options.Value.RetrainAtNewRows.TryGetValue(model.Model, out var rows) || rows <= 0
            || TrainerCatalogue.Find(model.Trainer) is not { } trainer)
        {
            return false;
        }

        var to = JsonSerializer.Deserialize<DataSet>(model.NewestDataSet, JsonSerializerOptions.Web)!.To;
        // Made only when needed: without this setting the service's address need not be known here.
        var source = new DataSource(clients.CreateClient(trainer.Feed.Service), trainer.Feed);
        try
        {
            // Histories keep microseconds, and a range includes its start.
            return await source.CountAsync(to.AddMicroseconds(1), rows, cancellation) >= rows;
        }
        catch (TrainingException away)
        {
            LogUncounted(model.Model, away.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "New rows of {Model} could not be counted: {Reason}")]
    private partial void LogUncounted(string model, string reason);
}
