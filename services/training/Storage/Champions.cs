using System.Diagnostics;
using Dapper;
using Ecom.Contracts.Models;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Registry;
using Ecom.Training.Trainers;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>Who is champion: promotes, rolls back, keeps the audit trail, and tells the deciding services.</summary>
internal sealed class Champions(NpgsqlDataSource database, Outbox outbox, ArtefactStore artefacts, TimeProvider clock)
{
    /// <summary>Name of the gate in the audit trail.</summary>
    public const string Gatekeeper = "gate";

    private const string Promoted = "promoted";
    private const string RolledBack = "rolled-back";

    /// <summary>Path of a version's artefact under this service's address.</summary>
    public static string ArtefactPath(string model, int version) =>
        FormattableString.Invariant($"/v1/models/{model}/versions/{version}/artefact");

    /// <summary>Makes a version champion because a person wants it.</summary>
    public async Task<ChampionChange> PromoteAsync(
        string model, int version, string by, string reason, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAsync(connection, model, cancellation);
        if (await ModelRegistry.FindAsync(connection, model, version, cancellation) is not { } wanted)
        {
            return ChampionChange.UnknownVersion;
        }

        var champion = await ModelRegistry.FindChampionAsync(connection, model, cancellation);
        if (champion?.Version == version)
        {
            return ChampionChange.AlreadyChampion;
        }

        if (!await IsSoundAsync(wanted, cancellation))
        {
            return ChampionChange.Damaged;
        }

        await ReplaceAsync(connection, champion, wanted, by, reason, cancellation);
        await transaction.CommitAsync(cancellation);
        return ChampionChange.Done;
    }

    /// <summary>Makes an earlier champion the champion again.</summary>
    /// <param name="model">The model.</param>
    /// <param name="toVersion">A version that was champion; null for the one that the present one replaced.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellation">Stops it; nothing is changed then.</param>
    public async Task<ChampionChange> RollBackAsync(
        string model, int? toVersion, string by, string reason, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAsync(connection, model, cancellation);
        var champion = await ModelRegistry.FindChampionAsync(connection, model, cancellation);
        var target = toVersion ?? await FindReplacedAsync(connection, champion, cancellation);
        if (champion is null || target is null)
        {
            return ChampionChange.NoEarlierChampion;
        }

        if (target == champion.Version)
        {
            return ChampionChange.AlreadyChampion;
        }

        if (await ModelRegistry.FindAsync(connection, model, target.Value, cancellation) is not { } wanted)
        {
            return ChampionChange.UnknownVersion;
        }

        if (!await WasChampionAsync(connection, wanted, cancellation))
        {
            return ChampionChange.NeverChampion;
        }

        if (!await IsSoundAsync(wanted, cancellation))
        {
            return ChampionChange.Damaged;
        }

        await TellRolledBackAsync(connection, champion, wanted, reason, cancellation);
        await ReplaceAsync(connection, champion, wanted, by, reason, cancellation, RolledBack);
        await transaction.CommitAsync(cancellation);
        return ChampionChange.Done;
    }

    /// <summary>Sets the champion in the connection's transaction, which holds the model's row.</summary>
    public async Task ReplaceAsync(
        NpgsqlConnection connection,
        VersionRow? champion,
        VersionRow wanted,
        string by,
        string reason,
        CancellationToken cancellation,
        string kind = Promoted)
    {
        const string Sql = """
            delete from aliases where model = @Model and alias = 'challenger' and version = @Version;
            insert into aliases (model, alias, version, set_at) values (@Model, 'champion', @Version, @Now)
            on conflict (model, alias) do update set version = excluded.version, set_at = excluded.set_at;
            insert into promotions (model, version, previous_version, kind, promoted_by, reason, promoted_at)
            values (@Model, @Version, @Previous, @kind, @by, @reason, @Now)
            """;

        var now = clock.GetUtcNow();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { wanted.Model, wanted.Version, Previous = champion?.Version, kind, by, reason, Now = now },
            cancellationToken: cancellation));
        var message = new ModelPromoted
        {
            Model = wanted.Model,
            Version = wanted.Version,
            PreviousVersion = champion?.Version,
            Trainer = wanted.Trainer,
            ArtefactPath = ArtefactPath(wanted.Model, wanted.Version),
            ArtefactSha256 = wanted.ArtefactSha256,
            EventWeights = SettledRecipe.Read(wanted.Settled)?.EventWeights,
            PromotedBy = by,
            PromotedAt = now,
        };
        await outbox.AddAsync(
            connection, [new OutboxMessage(Guid.NewGuid(), message, Activity.Current?.Id)], cancellation);
        Telemetry.Promotions.Add(1, new TagList { { "ecom.model", wanted.Model }, { "kind", kind } });
    }

    /// <summary>Lets changes of one model happen one after the other until the transaction ends.</summary>
    private static Task<int> LockAsync(NpgsqlConnection connection, string model, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            "select 1 from models where name = @model for update", new { model }, cancellationToken: cancellation));

    private async Task TellRolledBackAsync(
        NpgsqlConnection connection,
        VersionRow from,
        VersionRow to,
        string reason,
        CancellationToken cancellation)
    {
        var message = new ModelRolledBack
        {
            Model = to.Model,
            FromVersion = from.Version,
            ToVersion = to.Version,
            Reason = reason,
            RolledBackAt = clock.GetUtcNow(),
        };
        await outbox.AddAsync(
            connection, [new OutboxMessage(Guid.NewGuid(), message, Activity.Current?.Id)], cancellation);
    }

    // What the champion replaced when it was promoted; a roll back to it does not count, or two roll backs would
    // swap two versions for ever.
    private static async Task<int?> FindReplacedAsync(
        NpgsqlConnection connection, VersionRow? champion, CancellationToken cancellation)
    {
        const string Sql = """
            select previous_version
            from promotions
            where model = @Model and version = @Version and kind = 'promoted'
            order by position desc
            limit 1
            """;

        return champion is null
            ? null
            : await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
                Sql, new { champion.Model, champion.Version }, cancellationToken: cancellation));
    }

    private static async Task<bool> WasChampionAsync(
        NpgsqlConnection connection, VersionRow version, CancellationToken cancellation) =>
        await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from promotions where model = @Model and version = @Version)",
            new { version.Model, version.Version },
            cancellationToken: cancellation));

    private async Task<bool> IsSoundAsync(VersionRow version, CancellationToken cancellation)
    {
        await using var artefact = await artefacts.OpenAsync(version, cancellation);
        return artefact is not null;
    }
}
