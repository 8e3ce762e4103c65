using System.Text.Json;
using Dapper;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>The runs: table <c>runs</c>.</summary>
internal sealed class RunStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = """
        position, run_id, trainer, model, reason, requested_by, options::text as options, state, progress, stage, log,
        error, cancel_requested, attempt, owner, data_set::text as data_set,
        predictions::text as predictions, trace_parent, queued_at, started_at,
        ended_at
        """;

    /// <summary>Queues a run in the connection's transaction, if it has one; a run id known already is left.</summary>
    /// <returns>False when the run was there.</returns>
    public async Task<bool> QueueAsync(NpgsqlConnection connection, NewRun run, CancellationToken cancellation)
    {
        const string Sql = """
            with model as (
                insert into models (name) values (@Model) on conflict do nothing
            )
            insert into runs (run_id, trainer, model, reason, requested_by, options, trace_parent, queued_at)
            values (@RunId, @Trainer, @Model, @Reason, @RequestedBy, @Options::jsonb, @TraceParent, @Now)
            on conflict (run_id) do nothing
            """;

        return await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                run.RunId,
                run.Trainer,
                run.Model,
                run.Reason,
                run.RequestedBy,
                run.Options,
                run.TraceParent,
                Now = clock.GetUtcNow(),
            },
            cancellationToken: cancellation)) == 1;
    }

    /// <summary>Queues a run by itself.</summary>
    public async Task<bool> QueueAsync(NewRun run, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await QueueAsync(connection, run, cancellation);
    }

    /// <summary>Queues the run that a message asks for, unless the message was here before.</summary>
    public async Task QueueOnceAsync(InboxEntry entry, NewRun run, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await entry.TryRecordAsync(connection, cancellation))
        {
            await QueueAsync(connection, run, cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

    public async Task<RunRow?> FindAsync(Guid runId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<RunRow>(new CommandDefinition(
            $"select {Columns} from runs where run_id = @runId", new { runId }, cancellationToken: cancellation));
    }

    /// <summary>Runs, newest first.</summary>
    /// <param name="state">Only those in this state; null for all.</param>
    /// <param name="trainer">Only those of this trainer; null for all.</param>
    /// <param name="before">Only those with a smaller position; null for the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<IReadOnlyList<RunRow>> ListAsync(
        string? state, string? trainer, long? before, int limit, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {Columns}
            from runs
            where (@state::text is null or state = @state)
              and (@trainer::text is null or trainer = @trainer)
              and (@before::bigint is null or position < @before)
            order by position desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<RunRow>(new CommandDefinition(
            Sql, new { state, trainer, before, limit }, cancellationToken: cancellation));
        return [.. rows];
    }

    /// <summary>Models that have a run to do or to take over.</summary>
    public async Task<IReadOnlyList<string>> ListModelsWithWorkAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select model
            from runs
            where state in ('queued', 'running')
            group by model
            order by min(position)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(Sql, cancellationToken: cancellation))];
    }

    /// <summary>
    /// Takes the next run of a model whose lease is held: a run that still says "running" has lost its owner, for
    /// an owner holds that lease.
    /// </summary>
    public async Task<RunRow?> ClaimAsync(string model, string owner, CancellationToken cancellation)
    {
        const string Sql = $"""
            update runs
            set state = 'running', owner = @owner, attempt = attempt + 1, started_at = @Now, progress = 0,
                stage = 'starting', log = ''
            where run_id = (
                select run_id from runs
                where model = @model and state in ('queued', 'running')
                order by state desc, position
                limit 1)
            returning {Columns}
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<RunRow>(new CommandDefinition(
            Sql, new { model, owner, Now = clock.GetUtcNow() }, cancellationToken: cancellation));
    }

    /// <summary>Tells how far a run is.</summary>
    /// <returns>True when it is to be cancelled, or is no longer this owner's.</returns>
    public async Task<bool> ReportAsync(
        Guid runId, string owner, RunProgress reached, string log, CancellationToken cancellation)
    {
        const string Sql = """
            update runs
            set progress = @Share, stage = @Stage, log = @log, predictions = @Predictions::jsonb
            where run_id = @runId and owner = @owner and state = 'running'
            returning cancel_requested
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<bool?>(new CommandDefinition(
            Sql,
            new
            {
                runId,
                owner,
                reached.Share,
                reached.Stage,
                log,
                Predictions = reached.Predictions is null
                    ? null
                    : JsonSerializer.Serialize(reached.Predictions, JsonSerializerOptions.Web),
            },
            cancellationToken: cancellation)) ?? true;
    }

    /// <summary>Ends a run that this owner holds.</summary>
    /// <returns>False when another has it by now: change nothing.</returns>
    public async Task<bool> EndAsync(
        NpgsqlConnection connection, Guid runId, string owner, RunEnd end, CancellationToken cancellation)
    {
        const string Sql = """
            update runs
            set state = @State, stage = @Stage, progress = case when @State = 'succeeded' then 1 else progress end,
                error = @Error, log = @Log, data_set = @DataSet::jsonb, ended_at = @Now, owner = null
            where run_id = @runId and owner = @owner and state = 'running'
            """;

        return await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                runId,
                owner,
                end.State,
                Stage = end.State,
                end.Error,
                end.Log,
                DataSet = end.DataSet is null ? null : JsonSerializer.Serialize(end.DataSet, JsonSerializerOptions.Web),
                Now = clock.GetUtcNow(),
            },
            cancellationToken: cancellation)) == 1;
    }

    public async Task<bool> EndAsync(Guid runId, string owner, RunEnd end, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await EndAsync(connection, runId, owner, end, cancellation);
    }

    /// <summary>Gives a run back when its owner stops, so that it counts as not begun.</summary>
    public async Task GiveBackAsync(Guid runId, string owner, CancellationToken cancellation)
    {
        const string Sql = """
            update runs
            set state = 'queued', owner = null, attempt = attempt - 1, stage = 'waiting', progress = 0
            where run_id = @runId and owner = @owner and state = 'running'
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(Sql, new { runId, owner }, cancellationToken: cancellation));
    }

    /// <summary>Cancels a queued run at once and asks the owner of a running one to do so.</summary>
    /// <returns>The run afterwards; null if there is none.</returns>
    public async Task<RunRow?> CancelAsync(Guid runId, CancellationToken cancellation)
    {
        const string Sql = """
            update runs
            set cancel_requested = true,
                state = case when state = 'queued' then 'cancelled' else state end,
                stage = case when state = 'queued' then 'cancelled' else stage end,
                ended_at = case when state = 'queued' then @Now else ended_at end
            where run_id = @runId and state in ('queued', 'running')
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { runId, Now = clock.GetUtcNow() }, cancellationToken: cancellation));
        return await FindAsync(runId, cancellation);
    }
}
