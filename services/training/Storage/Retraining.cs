using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>Trains a champion's recipe again because something was noticed.</summary>
internal sealed class Retraining(
    NpgsqlDataSource database, RunStore runs, IOptions<TrainingOptions> options, TimeProvider clock)
{
    /// <summary>Models with a champion, by name.</summary>
    public async Task<IReadOnlyList<ServedModel>> ListServedAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select a.model, v.trainer,
                (select max(r.queued_at) from runs r where r.model = a.model) as newest_run_at,
                (select n.data_set::text from versions n where n.model = a.model order by n.version desc limit 1)
                    as newest_data_set
            from aliases a
            join versions v on v.model = a.model and v.version = a.version
            where a.alias = 'champion'
            order by a.model
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var models = await connection.QueryAsync<ServedModel>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
        return models.AsList();
    }

    /// <summary>Queues a run of the champion's recipe, as the other does in a transaction of its own.</summary>
    public async Task QueueIfQuietAsync(
        string model, string reason, string requestedBy, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await QueueIfQuietAsync(connection, model, reason, requestedBy, cancellation);
        await transaction.CommitAsync(cancellation);
    }

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

/// <summary>A model in service, with what decides whether it is trained again.</summary>
internal sealed record ServedModel
{
    public required string Model { get; init; }

    /// <summary>Trainer of the champion.</summary>
    public required string Trainer { get; init; }

    public required DateTimeOffset NewestRunAt { get; init; }

    /// <summary>Data set of the newest version, champion or not.</summary>
    public required string NewestDataSet { get; init; }
}
