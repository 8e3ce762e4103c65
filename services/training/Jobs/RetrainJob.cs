using System.Globalization;
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
    IServiceProvider services,
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
        // The feature store keeps microseconds, and its range includes its start.
        var after = Uri.EscapeDataString(to.AddMicroseconds(1).ToString("O", CultureInfo.InvariantCulture));
        // Made only when needed: without this setting the address of the feature store need not be known here.
        var store = services.GetRequiredService<FeatureStore>();
        try
        {
            return await store.CountAsync($"{trainer.Source}?after={after}", rows, cancellation) >= rows;
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
