using Dapper;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>A generation of online state.</summary>
internal sealed record Generation
{
    /// <summary>Its number, from 1; part of the Redis keys.</summary>
    public required int Number { get; init; }

    /// <summary>active, building, retired or dropped.</summary>
    public required string State { get; init; }

    /// <summary>Version of the definitions that it was filled with.</summary>
    public required string Definitions { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Seconds since the state changed, by the database's clock, which all replicas share.</summary>
    public required double AgeSeconds { get; init; }
}

/// <summary>Which generations of online state exist: table <c>generations</c>.</summary>
internal sealed class Generations(NpgsqlDataSource database)
{
    /// <summary>The newest twenty, newest first.</summary>
    public async Task<IReadOnlyList<Generation>> ListAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select generation as number, state, definitions, created_at, changed_at,
                extract(epoch from now() - changed_at)::float8 as age_seconds
            from generations
            order by generation desc
            limit 20
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Generation>(new CommandDefinition(Sql, cancellationToken: cancellation)))
            .AsList();
    }

    /// <summary>Makes the first generation, active at once; nothing if there is one.</summary>
    public async Task EnsureFirstAsync(string definitions, CancellationToken cancellation)
    {
        const string Sql = """
            insert into generations (generation, state, definitions)
            values (1, 'active', @definitions)
            on conflict do nothing
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Sql, new { definitions }, cancellationToken: cancellation));
    }

    /// <summary>Begins a new generation; nothing if one is building already.</summary>
    public async Task BeginAsync(string definitions, CancellationToken cancellation)
    {
        const string Sql = """
            insert into generations (generation, state, definitions)
            select max(generation) + 1, 'building', @definitions
            from generations
            on conflict do nothing
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Sql, new { definitions }, cancellationToken: cancellation));
    }

    /// <summary>Makes a built generation the active one and retires its predecessor.</summary>
    public async Task ActivateAsync(int generation, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await SetAsync(connection, "retired", "state = 'active'", generation, cancellation);
        await SetAsync(
            connection, "active", "generation = @generation and state = 'building'", generation, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Notes that the keys of a retired generation are deleted.</summary>
    public async Task MarkDroppedAsync(int generation, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await SetAsync(
            connection, "dropped", "generation = @generation and state = 'retired'", generation, cancellation);
    }

    private static Task<int> SetAsync(
        NpgsqlConnection connection, string state, string condition, int generation, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            $"update generations set state = @state, changed_at = now() where {condition}",
            new { state, generation },
            cancellationToken: cancellation));
}
