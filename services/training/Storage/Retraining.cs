using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>Trains a champion's recipe again because something was noticed.</summary>
internal sealed class Retraining(RunStore runs, IOptions<TrainingOptions> options, TimeProvider clock)
{
    /// <summary>
    /// Queues a run of the champion's recipe in the connection's transaction, unless the model has no champion or had
    /// a run within <see cref="TrainingOptions.RetrainPause"/>.
    /// </summary>
    /// <returns>True when a run was queued.</returns>
    public async Task<bool> QueueIfQuietAsync(
        NpgsqlConnection connection,
        string model,
        string reason,
        string requestedBy,
        CancellationToken cancellation)
    {
        const string Sql = """
            select exists (select from runs where runs.model = models.name and queued_at > @since)
            from models
            where name = @model
            for update
            """;

        var since = clock.GetUtcNow() - options.Value.RetrainPause;
        var busy = await connection.QuerySingleOrDefaultAsync<bool?>(
            new CommandDefinition(Sql, new { model, since }, cancellationToken: cancellation));
        if (busy is not false
            || await ModelRegistry.FindChampionAsync(connection, model, cancellation) is not { } champion)
        {
            return false;
        }

        var run = new NewRun
        {
            RunId = Guid.NewGuid(),
            Trainer = champion.Trainer,
            Model = model,
            Reason = reason,
            RequestedBy = requestedBy,
            Options = champion.Options,
            TraceParent = Activity.Current?.Id,
        };
        return await runs.QueueAsync(connection, run, cancellation);
    }
}
