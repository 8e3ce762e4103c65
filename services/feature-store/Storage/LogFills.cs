using Dapper;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>A fill of history from ingestion's log.</summary>
internal sealed record LogFill
{
    public required int Fill { get; init; }

    /// <summary>Where the next page begins; null at the beginning of the log.</summary>
    public string? Cursor { get; init; }

    /// <summary>Messages read so far, those known already included.</summary>
    public required long Messages { get; init; }

    public required bool Done { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>Table <c>log_fills</c>; one fill is open at a time.</summary>
internal sealed class LogFills(NpgsqlDataSource database)
{
    /// <summary>Begins a fill; nothing if one is open.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        const string Sql = "insert into log_fills default values on conflict do nothing";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Sql, cancellationToken: cancellation));
    }

    /// <summary>The newest one; null if there was none.</summary>
    public async Task<LogFill?> FindNewestAsync(CancellationToken cancellation) =>
        await ListAsync(cancellation) is [var newest, ..] ? newest : null;

    /// <summary>The newest ten, newest first.</summary>
    public async Task<IReadOnlyList<LogFill>> ListAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select fill, cursor, messages, done, started_at, changed_at
            from log_fills
            order by fill desc
            limit 10
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<LogFill>(new CommandDefinition(Sql, cancellationToken: cancellation)))
            .AsList();
    }

    /// <summary>Notes how far a fill has come.</summary>
    public async Task AdvanceAsync(
        int fill, string? cursor, int messages, bool done, CancellationToken cancellation)
    {
        const string Sql = """
            update log_fills
            set cursor = @cursor, messages = messages + @messages, done = @done, changed_at = now()
            where fill = @fill
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { fill, cursor, messages, done }, cancellationToken: cancellation));
    }
}
