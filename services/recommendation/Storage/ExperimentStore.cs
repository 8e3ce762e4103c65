using System.Text.Json;
using Dapper;
using Ecom.Recommendation.Experiments;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Experiments and their states: table <c>experiments</c>.</summary>
internal sealed class ExperimentStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = """
        select number, name, version, state, body::text as body, stopped_arms, winner, started_at, stopped_at,
               changed_by, changed_at
        from experiments
        """;

    /// <summary>All experiments, newest first.</summary>
    public Task<IReadOnlyList<Experiment>> ReadAllAsync(CancellationToken cancellation) =>
        ReadAsync("order by number desc", null, cancellation);

    public Task<IReadOnlyList<Experiment>> ReadRunningAsync(CancellationToken cancellation) =>
        ReadAsync("where state = 'running'", null, cancellation);

    public async Task<Experiment?> FindAsync(string name, CancellationToken cancellation) =>
        (await ReadAsync("where name = @name", new { name }, cancellation)).SingleOrDefault();

    /// <summary>Adds or changes a draft.</summary>
    /// <returns>False when the experiment runs or ran: visitors would change arms under it.</returns>
    public async Task<bool> PutDraftAsync(
        string name, ExperimentPlan plan, string who, CancellationToken cancellation)
    {
        const string Sql = """
            insert into experiments (name, version, state, body, changed_by, changed_at)
            values (@name, 1, 'draft', @body::jsonb, @who, @now)
            on conflict (name) do update
            set version = experiments.version + 1, body = excluded.body, changed_by = excluded.changed_by,
                changed_at = excluded.changed_at
            where experiments.state = 'draft'
            """;

        var body = JsonSerializer.Serialize(plan, JsonSerializerOptions.Web);
        return await ChangeAsync(
            name, "drafted", Sql, new { name, body, who, now = clock.GetUtcNow() }, who, cancellation);
    }

    /// <summary>Starts a draft.</summary>
    /// <returns>False when it is no draft.</returns>
    /// <exception cref="PostgresException">Unique violation: another one runs on the placement.</exception>
    public Task<bool> StartAsync(string name, string who, CancellationToken cancellation)
    {
        const string Sql = """
            update experiments
            set state = 'running', version = version + 1, started_at = @now, changed_by = @who, changed_at = @now
            where name = @name and state = 'draft'
            """;

        return ChangeAsync(name, "started", Sql, new { name, who, now = clock.GetUtcNow() }, who, cancellation);
    }

    /// <summary>Stops a running experiment, with or without a winner.</summary>
    public Task<bool> StopAsync(string name, string? winner, string who, CancellationToken cancellation)
    {
        const string Sql = """
            update experiments
            set state = 'stopped', version = version + 1, winner = @winner, stopped_at = @now, changed_by = @who,
                changed_at = @now
            where name = @name and state = 'running'
            """;

        return ChangeAsync(
            name, "stopped", Sql, new { name, winner, who, now = clock.GetUtcNow() }, who, cancellation);
    }

    /// <summary>Stops one arm of a running experiment.</summary>
    /// <returns>False when it is stopped already.</returns>
    public Task<bool> StopArmAsync(string name, string arm, string who, CancellationToken cancellation)
    {
        const string Sql = """
            update experiments
            set stopped_arms = stopped_arms || @arm, version = version + 1, changed_by = @who, changed_at = @now
            where name = @name and state = 'running' and not @arm = any(stopped_arms)
            """;

        return ChangeAsync(
            name, $"arm {arm} stopped", Sql, new { name, arm, who, now = clock.GetUtcNow() }, who, cancellation);
    }

    private async Task<bool> ChangeAsync(
        string name, string action, string sql, object parameters, string who, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ChangeStore.LockAsync(connection, cancellation);
        if (await connection.ExecuteAsync(new CommandDefinition(
            sql, parameters, cancellationToken: cancellation)) == 0)
        {
            return false;
        }

        var row = await connection.QuerySingleAsync<ExperimentRow>(new CommandDefinition(
            $"{Columns} where name = @name", new { name }, cancellationToken: cancellation));
        var change = new Change
        {
            Kind = "experiment",
            Subject = name,
            Version = row.Version,
            Action = action,
            Body = JsonSerializer.Deserialize<JsonElement>(row.Body),
            ChangedBy = who,
            ChangedAt = clock.GetUtcNow(),
        };
        await ChangeStore.AddAsync(connection, change, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task<IReadOnlyList<Experiment>> ReadAsync(
        string where, object? parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ExperimentRow>(new CommandDefinition(
            $"{Columns} {where}", parameters, cancellationToken: cancellation));
        return [.. rows.Select(row => new Experiment
        {
            Number = row.Number,
            Name = row.Name,
            Version = row.Version,
            State = row.State,
            Plan = JsonSerializer.Deserialize<ExperimentPlan>(row.Body, JsonSerializerOptions.Web)!,
            StoppedArms = row.StoppedArms,
            Winner = row.Winner,
            StartedAt = row.StartedAt,
            StoppedAt = row.StoppedAt,
            ChangedBy = row.ChangedBy,
            ChangedAt = row.ChangedAt,
        })];
    }

    private sealed record ExperimentRow
    {
        public required int Number { get; init; }

        public required string Name { get; init; }

        public required int Version { get; init; }

        public required string State { get; init; }

        public required string Body { get; init; }

        public required string[] StoppedArms { get; init; }

        public string? Winner { get; init; }

        public DateTimeOffset? StartedAt { get; init; }

        public DateTimeOffset? StoppedAt { get; init; }

        public required string ChangedBy { get; init; }

        public required DateTimeOffset ChangedAt { get; init; }
    }
}
