using Dapper;
using Npgsql;

namespace Ecom.ServiceDefaults.Online;

/// <summary>
/// Which generations of online state exist: the service's table <c>generations</c>. One is active, one may be building
/// beside it.
/// </summary>
/// <remarks>
/// Whoever writes online state asks <see cref="RefreshIfOldAsync"/> before and writes <see cref="Written"/>, while it
/// holds the lock that <see cref="RebuildJob"/> waits for: then no write misses a generation that is being filled.
/// </remarks>
public sealed class Generations(NpgsqlDataSource database, TimeProvider clock)
{
    // A generation is filled later than this after it was begun: by then every writer knows it.
    private static readonly TimeSpan _oldAfter = TimeSpan.FromSeconds(3);

    private volatile View? _view;

    /// <summary>Numbers of the generations that are written, the active one, which is read, first.</summary>
    /// <exception cref="InvalidOperationException">They have not been read yet.</exception>
    public IReadOnlyList<int> Written => Current.Written;

    /// <summary>The active generation as it was read last.</summary>
    public Generation Active => Current.Active;

    private View Current => _view ?? throw new InvalidOperationException("Generations have not been read yet.");

    /// <summary>Reads which generations are active and building; every second on every replica.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var known = await ListAsync(cancellation);
        var active = known.Single(generation => generation.State == "active");
        var building = known.SingleOrDefault(generation => generation.State == "building");
        int[] written = building is null ? [active.Number] : [active.Number, building.Number];
        _view = new View(began, active, written, building);
    }

    /// <summary>Reads them anew if the last reading is older than three seconds.</summary>
    public ValueTask RefreshIfOldAsync(CancellationToken cancellation) =>
        _view is { } view && clock.GetElapsedTime(view.ReadAt) < _oldAfter
            ? ValueTask.CompletedTask
            : new ValueTask(RefreshAsync(cancellation));

    /// <summary>The newest twenty, newest first.</summary>
    public async Task<IReadOnlyList<Generation>> ListAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select generation as number, state, definitions, epoch, lost_at, done, expected, verify, compared,
                differing, created_at, changed_at, extract(epoch from now() - changed_at)::float8 as age_seconds
            from generations
            order by generation desc
            limit 20
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Generation>(new CommandDefinition(Sql, cancellationToken: cancellation)))
            .AsList();
    }

    /// <summary>Makes the first generation, active at once; nothing if there is one.</summary>
    /// <param name="definitions">Version of the definitions.</param>
    /// <param name="epoch">Epoch of Redis; null while it is away.</param>
    /// <param name="cancellation">Ends the query.</param>
    public Task EnsureFirstAsync(string definitions, string? epoch, CancellationToken cancellation)
    {
        const string Sql = """
            insert into generations (generation, state, definitions, epoch)
            values (1, 'active', @definitions, @epoch)
            on conflict do nothing
            """;

        return ExecuteAsync(Sql, new { definitions, epoch }, cancellation);
    }

    /// <summary>Begins a new generation; nothing if one is building already.</summary>
    /// <param name="definitions">Version of the definitions.</param>
    /// <param name="epoch">Epoch of Redis; null while it is away.</param>
    /// <param name="verify">Entities to compare with the active generation before the switch; 0 is none.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task BeginAsync(string definitions, string? epoch, int verify, CancellationToken cancellation)
    {
        const string Sql = """
            insert into generations (generation, state, definitions, epoch, verify)
            select max(generation) + 1, 'building', @definitions, @epoch, @verify
            from generations
            on conflict do nothing
            """;

        await ExecuteAsync(Sql, new { definitions, epoch, verify }, cancellation);
        await RefreshAsync(cancellation);
    }

    /// <summary>Notes that the active generation lacks something: answers are degraded until it is replaced.</summary>
    public async Task MarkLostAsync(CancellationToken cancellation)
    {
        await ExecuteAsync(
            "update generations set lost_at = now() where state = 'active' and lost_at is null", null, cancellation);
        await RefreshAsync(cancellation);
    }

    /// <summary>
    /// Notes the epoch of Redis. If it is not that of the active generation, that one is lost, and a new one is begun;
    /// one that was building is filled anew.
    /// </summary>
    /// <returns>Whether the active generation was lost, and nobody had noticed.</returns>
    public async Task<bool> FollowEpochAsync(string epoch, string definitions, CancellationToken cancellation)
    {
        const string Lock = "select pg_advisory_xact_lock(hashtext('generations ' || current_schema()))";
        const string Lose = """
            update generations set lost_at = now()
            where state = 'active' and lost_at is null and epoch is distinct from @epoch
            """;
        const string Restart = """
            update generations set epoch = @epoch, changed_at = now(), done = 0, expected = null
            where state = 'building' and epoch is distinct from @epoch
            """;
        const string Begin = """
            insert into generations (generation, state, definitions, epoch)
            select max(generation) + 1, 'building', @definitions, @epoch
            from generations
            having bool_or(state = 'active' and lost_at is not null) and not bool_or(state = 'building')
            """;

        if (_view is { Active: { Epoch: var active, IsLost: false } } view && active == epoch
            && (view.Building is null || view.Building.Epoch == epoch))
        {
            return false;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Lock, cancellationToken: cancellation));
        var lost = await connection.ExecuteAsync(new CommandDefinition(
            Lose, new { epoch }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(Restart, new { epoch }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Begin, new { definitions, epoch }, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return lost > 0;
    }

    /// <summary>Notes how far a rebuild is.</summary>
    /// <returns>False when it is to begin anew, or to stop: Redis lost what was filled.</returns>
    public async Task<bool> AdvanceAsync(
        Generation building, long done, long? expected, CancellationToken cancellation)
    {
        const string Sql = """
            update generations set done = @done, expected = @expected
            where generation = @Number and state = 'building' and epoch = @Epoch
            """;

        return await ExecuteAsync(
            Sql, new { building.Number, building.Epoch, done, expected }, cancellation) == 1;
    }

    /// <summary>Notes what a comparison with the generation before gave.</summary>
    public Task NoteComparisonAsync(int generation, int compared, int differing, CancellationToken cancellation) =>
        ExecuteAsync(
            "update generations set compared = @compared, differing = @differing where generation = @generation",
            new { generation, compared, differing },
            cancellation);

    /// <summary>Makes a filled generation the active one and retires its predecessor.</summary>
    /// <returns>False, and nothing is changed, when Redis lost what was filled.</returns>
    public async Task<bool> ActivateAsync(Generation building, CancellationToken cancellation)
    {
        const string Lock = "select pg_advisory_xact_lock(hashtext('generations ' || current_schema()))";
        const string Retire = "update generations set state = 'retired', changed_at = now() where state = 'active'";
        const string Activate = """
            update generations set state = 'active', changed_at = now()
            where generation = @Number and state = 'building' and epoch = @Epoch
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Lock, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(Retire, cancellationToken: cancellation));
        var activated = await connection.ExecuteAsync(new CommandDefinition(
            Activate, new { building.Number, building.Epoch }, cancellationToken: cancellation));
        if (activated != 1)
        {
            return false;
        }

        await transaction.CommitAsync(cancellation);
        await RefreshAsync(cancellation);
        return true;
    }

    /// <summary>Notes that the keys of a retired generation are deleted.</summary>
    public Task MarkDroppedAsync(int generation, CancellationToken cancellation) => ExecuteAsync(
        """
        update generations set state = 'dropped', changed_at = now()
        where generation = @generation and state = 'retired'
        """,
        new { generation },
        cancellation);

    private async Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            sql, parameters, cancellationToken: cancellation));
    }

    private sealed record View(long ReadAt, Generation Active, IReadOnlyList<int> Written, Generation? Building);
}
