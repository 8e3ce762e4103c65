using System.Text.Json;
using Dapper;
using Ecom.Contracts.Models;
using Ecom.Contracts.Recommendations;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Full sets of lists and which one is served: table <c>generations</c>.</summary>
internal sealed class GenerationStore(NpgsqlDataSource database, Outbox outbox)
{
    private const string Columns = """
        select generation as number, model_version, trainer, artefact_path, artefact_sha256, state, customer_cursor,
               customers, products, created_at, switched_at, error, epoch,
               event_weights
        from generations
        """;

    /// <summary>
    /// Notes which version is wanted, and that lists of other versions no longer are; a promotion older than the newest
    /// one changes nothing. Lists of that version that are still kept serve at once: a roll back takes seconds.
    /// </summary>
    public async Task RequestAsync(InboxEntry message, ModelPromoted promoted, CancellationToken cancellation)
    {
        const string Lock = "select pg_advisory_xact_lock(hashtext('generations'))";
        const string IsOlder = "select coalesce(max(promoted_at) > @PromotedAt, false) from generations";
        const string Supersede = "update generations set state = 'superseded' where state in ('pending', 'running')";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Lock, cancellationToken: cancellation));
        if (!await message.TryRecordAsync(connection, cancellation))
        {
            return;
        }

        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            IsOlder, new { promoted.PromotedAt }, cancellationToken: cancellation)))
        {
            await connection.ExecuteAsync(new CommandDefinition(Supersede, cancellationToken: cancellation));
            await WantAsync(connection, promoted, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Wants the current model's lists made anew.</summary>
    /// <returns>False if no model is current, or if a generation waits already.</returns>
    public async Task<bool> RequestRefreshAsync(CancellationToken cancellation)
    {
        const string Sql = """
            insert into generations (
                model_version, trainer, artefact_path, artefact_sha256, event_weights, promoted_at, state)
            select model_version, trainer, artefact_path, artefact_sha256, event_weights, promoted_at, 'pending'
            from generations
            where state = 'current'
              and not exists (select from generations where state in ('pending', 'running'))
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(Sql, cancellationToken: cancellation)) == 1;
    }

    public Task<Generation?> ReadCurrentAsync(CancellationToken cancellation) =>
        ReadFirstAsync("where state = 'current'", cancellation);

    /// <summary>The generation that is to be made; null if none is wanted.</summary>
    public Task<Generation?> ReadWantedAsync(CancellationToken cancellation) =>
        ReadFirstAsync("where state in ('pending', 'running') order by generation desc", cancellation);

    /// <summary>All generations, newest first.</summary>
    public async Task<IReadOnlyList<Generation>> ReadAllAsync(int count, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Generation>(new CommandDefinition(
            Columns + " order by generation desc limit @count", new { count }, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Begins a wanted generation, or begins it again, in an epoch of Redis.</summary>
    public async Task<Generation> StartAsync(Generation wanted, string epoch, CancellationToken cancellation)
    {
        const string Sql = """
            update generations set epoch = @epoch, customer_cursor = '', customers = 0, products = 0
            where generation = @Number and state in ('pending', 'running')
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { wanted.Number, epoch }, cancellationToken: cancellation));
        return wanted with { Epoch = epoch, CustomerCursor = string.Empty, Customers = 0, Products = 0 };
    }

    /// <summary>Saves how far the lists of customers are, so that another replica goes on from there.</summary>
    /// <returns>False when the generation is no longer wanted: stop.</returns>
    public async Task<bool> SaveProgressAsync(
        long generation, string cursor, int customers, int products, CancellationToken cancellation)
    {
        const string Sql = """
            update generations
            set state = 'running', customer_cursor = @cursor, customers = @customers, products = @products
            where generation = @generation and state in ('pending', 'running')
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { generation, cursor, customers, products }, cancellationToken: cancellation)) == 1;
    }

    public async Task FailAsync(long generation, string error, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "update generations set state = 'failed', error = @error where generation = @generation",
            new { generation, error },
            cancellationToken: cancellation));
    }

    /// <summary>Makes a finished generation the one that is served, and announces it.</summary>
    /// <returns>False when it is no longer wanted: another one serves.</returns>
    public async Task<bool> SwitchAsync(long generation, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var finished = await connection.QuerySingleOrDefaultAsync<Generation>(new CommandDefinition(
            $"{Columns} where generation = @generation and state = 'running' for update",
            new { generation },
            cancellationToken: cancellation));
        if (finished is null)
        {
            return false;
        }

        await SwitchAsync(connection, finished, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>
    /// Superseded generations, and those beyond the two kept for a roll back; marked as dropped: delete their lists.
    /// </summary>
    public async Task<IReadOnlyList<long>> DropOldAsync(CancellationToken cancellation)
    {
        const string Sql = """
            update generations set state = 'dropped'
            where (state = 'kept' and generation not in (
                      select generation from generations where state = 'kept' order by switched_at desc limit 2))
               or state = 'superseded'
            returning generation
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<long>(new CommandDefinition(Sql, cancellationToken: cancellation));
        return rows.AsList();
    }

    private async Task SwitchAsync(
        NpgsqlConnection connection, Generation next, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Sql = """
            update generations set state = 'kept' where state = 'current' and generation <> @Generation;
            update generations set state = 'current', switched_at = @now where generation = @Generation;
            """;

        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { Generation = next.Number, now }, cancellationToken: cancellation));
        var refreshed = new RecommendationsRefreshed
        {
            ModelVersion = next.ModelVersion,
            Trainer = next.Trainer,
            Customers = next.Customers,
            Products = next.Products,
            RefreshedAt = now,
        };
        await outbox.AddAsync(connection, [new OutboxMessage(Guid.CreateVersion7(), refreshed)], cancellation);
    }

    // Lists of the version serve already, are kept and serve again, or have to be made.
    private async Task WantAsync(NpgsqlConnection connection, ModelPromoted promoted, CancellationToken cancellation)
    {
        const string Mark = "update generations set promoted_at = @PromotedAt where generation = @Number";
        const string Insert = """
            insert into generations (
                model_version, trainer, artefact_path, artefact_sha256, event_weights, promoted_at, state)
            values (@Version, @Trainer, @ArtefactPath, @ArtefactSha256, @EventWeights, @PromotedAt, 'pending')
            """;

        var made = await connection.QueryFirstOrDefaultAsync<Generation>(new CommandDefinition(
            $"""
            {Columns}
            where model_version = @Version and artefact_sha256 = @ArtefactSha256 and state in ('current', 'kept')
            order by state, generation desc
            """,
            new { promoted.Version, promoted.ArtefactSha256 },
            cancellationToken: cancellation));
        if (made is null)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Insert,
                new
                {
                    promoted.Version,
                    promoted.Trainer,
                    promoted.ArtefactPath,
                    promoted.ArtefactSha256,
                    EventWeights = promoted.EventWeights is { } weights ? JsonSerializer.Serialize(weights) : null,
                    promoted.PromotedAt,
                },
                cancellationToken: cancellation));
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Mark, new { made.Number, promoted.PromotedAt }, cancellationToken: cancellation));
        if (made.State == "kept")
        {
            await SwitchAsync(connection, made, promoted.PromotedAt, cancellation);
        }
    }

    private async Task<Generation?> ReadFirstAsync(string where, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QueryFirstOrDefaultAsync<Generation>(new CommandDefinition(
            $"{Columns} {where}", cancellationToken: cancellation));
    }
}

/// <summary>One full set of lists.</summary>
internal sealed record Generation
{
    /// <summary>Number, growing.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("generation")]
    public required long Number { get; init; }

    public required int ModelVersion { get; init; }

    public required string Trainer { get; init; }

    public required string ArtefactPath { get; init; }

    public required string ArtefactSha256 { get; init; }

    public required string State { get; init; }

    /// <summary>Last customer whose list is written.</summary>
    public required string CustomerCursor { get; init; }

    public required int Customers { get; init; }

    public required int Products { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? SwitchedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>What the model learnt that kinds of event count, as JSON; null if it learnt none.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? EventWeights { get; init; }

    /// <summary>The epoch of Redis that the lists were begun in; null before that.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string? Epoch { get; init; }
}
