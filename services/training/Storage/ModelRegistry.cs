using Dapper;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>Models, their versions and what became of them: read only.</summary>
internal sealed class ModelRegistry(NpgsqlDataSource database)
{
    private const string VersionColumns = """
        v.model, v.version, v.trainer, v.run_id, v.seed, v.options::text as options,
        v.settled::text as settled, v.metric,
        v.metrics::text as metrics, v.baselines::text as baselines, v.champion_version,
        v.champion_metrics::text as champion_metrics, v.passed_gate, v.verdict, v.data_set::text as data_set,
        v.artefact_file, v.artefact_bytes, v.artefact_sha256, v.trained_at,
        array(select a.alias from aliases a where a.model = v.model and a.version = v.version order by a.alias)
            as aliases
        """;

    public async Task<IReadOnlyList<ModelRow>> ListModelsAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select m.name, m.last_version, champion.version as champion, challenger.version as challenger
            from models m
            left join aliases champion on champion.model = m.name and champion.alias = 'champion'
            left join aliases challenger on challenger.model = m.name and challenger.alias = 'challenger'
            order by m.name
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<ModelRow>(new CommandDefinition(Sql, cancellationToken: cancellation))];
    }

    public async Task<ModelRow?> FindModelAsync(string model, CancellationToken cancellation)
    {
        var models = await ListModelsAsync(cancellation);
        return models.FirstOrDefault(one => one.Name == model);
    }

    /// <summary>Versions of a model, newest first.</summary>
    public async Task<IReadOnlyList<VersionRow>> ListVersionsAsync(string model, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<VersionRow>(new CommandDefinition(
            $"select {VersionColumns} from versions v where v.model = @model order by v.version desc",
            new { model },
            cancellationToken: cancellation))];
    }

    public async Task<VersionRow?> FindAsync(string model, int version, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await FindAsync(connection, model, version, cancellation);
    }

    /// <summary>A version, as the connection's transaction sees it.</summary>
    public static async Task<VersionRow?> FindAsync(
        NpgsqlConnection connection, string model, int version, CancellationToken cancellation) =>
        await connection.QuerySingleOrDefaultAsync<VersionRow>(new CommandDefinition(
            $"select {VersionColumns} from versions v where v.model = @model and v.version = @version",
            new { model, version },
            cancellationToken: cancellation));

    public async Task<VersionRow?> FindChampionAsync(string model, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await FindChampionAsync(connection, model, cancellation);
    }

    /// <summary>The newest version that was not promoted, for a shadow; null if there is none.</summary>
    public async Task<VersionRow?> FindChallengerAsync(string model, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await FindAliasAsync(connection, model, "challenger", cancellation);
    }

    /// <summary>The champion, as the connection's transaction sees it; null if there is none.</summary>
    public static Task<VersionRow?> FindChampionAsync(
        NpgsqlConnection connection, string model, CancellationToken cancellation) =>
        FindAliasAsync(connection, model, "champion", cancellation);

    private static async Task<VersionRow?> FindAliasAsync(
        NpgsqlConnection connection, string model, string alias, CancellationToken cancellation)
    {
        const string Sql = $"""
            select {VersionColumns}
            from versions v
            join aliases c on c.model = v.model and c.version = v.version and c.alias = @alias
            where v.model = @model
            """;

        return await connection.QuerySingleOrDefaultAsync<VersionRow>(
            new CommandDefinition(Sql, new { model, alias }, cancellationToken: cancellation));
    }

    /// <summary>The audit trail of a model, newest first.</summary>
    public async Task<IReadOnlyList<PromotionRow>> ListPromotionsAsync(string model, CancellationToken cancellation)
    {
        const string Sql = """
            select model, version, previous_version, kind, promoted_by, reason, promoted_at
            from promotions
            where model = @model
            order by position desc
            limit 1000
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<PromotionRow>(
            new CommandDefinition(Sql, new { model }, cancellationToken: cancellation))];
    }
}
