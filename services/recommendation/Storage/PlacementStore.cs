using System.Text.Json;
using Dapper;
using Ecom.Recommendation.Placements;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Placements as merchandisers set them: table <c>placements</c>.</summary>
internal sealed class PlacementStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Kind = "placement";

    /// <summary>All placements by name.</summary>
    public async Task<IReadOnlyList<StoredPlacement>> ReadAllAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select name, version, settings::text as settings, changed_by, changed_at from placements order by name
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<PlacementRow>(new CommandDefinition(
            Sql, cancellationToken: cancellation));
        return [.. rows.Select(row => new StoredPlacement
        {
            Name = row.Name,
            Version = row.Version,
            Settings = JsonSerializer.Deserialize<PlacementSettings>(row.Settings, JsonSerializerOptions.Web)!,
            ChangedBy = row.ChangedBy,
            ChangedAt = row.ChangedAt,
        })];
    }

    /// <summary>Adds or changes a placement.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="settings">Checked settings.</param>
    /// <param name="expected">Version that the change was made from; null overwrites whatever is there.</param>
    /// <param name="who">Who changes it.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>The new version; null when the version is another one by now.</returns>
    public async Task<int?> PutAsync(
        string name, PlacementSettings settings, int? expected, string who, CancellationToken cancellation)
    {
        const string Current = "select version from placements where name = @name";
        const string Newest = """
            select coalesce(max(version), 0) from changes where kind = @Kind and subject = @name
            """;
        const string Upsert = """
            insert into placements (name, version, settings, changed_by, changed_at)
            values (@name, @version, @settings::jsonb, @who, @now)
            on conflict (name) do update
            set version = excluded.version, settings = excluded.settings, changed_by = excluded.changed_by,
                changed_at = excluded.changed_at
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ChangeStore.LockAsync(connection, cancellation);
        var current = await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            Current, new { name }, cancellationToken: cancellation)) ?? 0;
        if (expected is { } version && version != current)
        {
            return null;
        }

        // A placement that was deleted and comes back goes on counting.
        var newest = await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            Newest, new { Kind, name }, cancellationToken: cancellation));
        var next = Math.Max(current, newest) + 1;
        var body = JsonSerializer.SerializeToElement(settings, JsonSerializerOptions.Web);
        var now = clock.GetUtcNow();
        await connection.ExecuteAsync(new CommandDefinition(
            Upsert,
            new { name, version = next, settings = body.GetRawText(), who, now },
            cancellationToken: cancellation));
        await ChangeStore.AddAsync(connection, Changed(name, next, "set", body, who, now), cancellation);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    /// <returns>False when there is no such placement.</returns>
    public async Task<bool> DeleteAsync(string name, string who, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ChangeStore.LockAsync(connection, cancellation);
        var version = await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            "delete from placements where name = @name returning version",
            new { name },
            cancellationToken: cancellation));
        if (version is null)
        {
            return false;
        }

        await ChangeStore.AddAsync(
            connection, Changed(name, version.Value + 1, "deleted", null, who, clock.GetUtcNow()), cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private static Change Changed(
        string name, int version, string action, JsonElement? body, string who, DateTimeOffset now) => new()
        {
            Kind = Kind,
            Subject = name,
            Version = version,
            Action = action,
            Body = body,
            ChangedBy = who,
            ChangedAt = now,
        };

    private sealed record PlacementRow
    {
        public required string Name { get; init; }

        public required int Version { get; init; }

        public required string Settings { get; init; }

        public required string ChangedBy { get; init; }

        public required DateTimeOffset ChangedAt { get; init; }
    }
}

/// <summary>A placement with its version and who set it.</summary>
internal sealed record StoredPlacement
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    public required PlacementSettings Settings { get; init; }

    public required string ChangedBy { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }
}
