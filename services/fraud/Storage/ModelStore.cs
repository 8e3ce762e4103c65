using System.Text.Json;
using Dapper;
using Ecom.Contracts.Models;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Scoring;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Which versions of the model serve, in which role, and what was done to them.</summary>
internal sealed class ModelStore(NpgsqlDataSource database, Outbox outbox, TimeProvider clock)
{
    /// <summary>Who suspends and resumes in the record, when it is no person.</summary>
    public const string Guard = "drift guard";

    private const string Remember = """
        insert into models (version, trainer, artefact_path, artefact_sha256, known_at)
        values (@Version, @Trainer, @ArtefactPath, @ArtefactSha256, @now)
        on conflict (version) do nothing;
        """;

    /// <summary>
    /// Makes a promoted version the champion; an older promotion loses. It inherits no suspension.
    /// </summary>
    public async Task PromoteAsync(ModelPromoted promoted, CancellationToken cancellation)
    {
        const string Sql = $"""
            {Remember}
            with switched as (
                insert into model_roles (role, version, since)
                values ('champion', @Version, @PromotedAt)
                on conflict (role) do update
                set version = excluded.version, since = excluded.since, suspended_at = null, suspended_because = null,
                    suspended_by = null, trusted_at = null, drift = null
                where model_roles.since < excluded.since
                returning version
            )
            insert into model_changes (version, change, made_by, made_at)
            select version, 'promoted', @PromotedBy, @now from switched;
            delete from model_roles
            where role = 'challenger' and version = (select version from model_roles where role = 'champion');
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                promoted.Version,
                promoted.Trainer,
                promoted.ArtefactPath,
                promoted.ArtefactSha256,
                PromotedAt = promoted.PromotedAt.UtcDateTime,
                promoted.PromotedBy,
                now = clock.GetUtcNow().UtcDateTime,
            },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Makes a version the challenger; it is not if it is champion already.</summary>
    /// <param name="challenger">The version; null: there is none any more.</param>
    /// <param name="cancellation">Ends the write.</param>
    public async Task ChallengeAsync(StoredModel? challenger, CancellationToken cancellation)
    {
        const string Clear = "delete from model_roles where role = 'challenger'";
        const string Sql = $"""
            {Remember}
            with switched as (
                insert into model_roles (role, version, since)
                select 'challenger', @Version, @now
                where not exists (select from model_roles where role = 'champion' and version = @Version)
                on conflict (role) do update set version = excluded.version, since = excluded.since
                where model_roles.version < excluded.version
                returning version
            )
            insert into model_changes (version, change, made_by, made_at)
            select version, 'challenging', 'training', @now from switched;
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            challenger is null ? Clear : Sql,
            new
            {
                challenger?.Version,
                challenger?.Trainer,
                challenger?.ArtefactPath,
                challenger?.ArtefactSha256,
                now = clock.GetUtcNow().UtcDateTime,
            },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Suspends the champion, so that rules decide alone.</summary>
    /// <returns>
    /// Whether it is suspended by this: false if that version is not champion, or is suspended already, unless a person
    /// takes over what the guard suspended.
    /// </returns>
    public async Task<bool> SuspendAsync(int version, string reason, string by, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await SuspendAsync(connection, version, reason, by, clock.GetUtcNow(), cancellation);
    }

    /// <summary>
    /// Lets a suspended champion decide again. When a person does, the guard leaves it alone from then on.
    /// </summary>
    /// <returns>Whether it does by this: false if that version is not champion, or not suspended.</returns>
    public async Task<bool> ResumeAsync(int version, string reason, string by, CancellationToken cancellation)
    {
        const string Sql = """
            with resumed as (
                update model_roles set suspended_at = null, suspended_because = null, suspended_by = null,
                    trusted_at = case when @by = @Guard then trusted_at else @now end
                where role = 'champion' and version = @version and suspended_at is not null
                returning version
            )
            insert into model_changes (version, change, reason, made_by, made_at)
            select version, 'resumed', @reason, @by, @now from resumed
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { version, reason, by, Guard, now = clock.GetUtcNow().UtcDateTime },
            cancellationToken: cancellation)) > 0;
    }

    /// <summary>
    /// Notes how the payments of the champion differ from what it learnt from; suspends it if they do too much, and
    /// asks for a training.
    /// </summary>
    /// <param name="champion">The champion.</param>
    /// <param name="drift">What was found.</param>
    /// <param name="objection">Why it must not decide; null if it may.</param>
    /// <param name="cancellation">Ends the write.</param>
    /// <returns>Whether it is suspended by this.</returns>
    public async Task<bool> WatchAsync(
        ModelRole champion, ModelDrift drift, string? objection, CancellationToken cancellation)
    {
        const string Note = """
            update model_roles set drift = @drift::jsonb where role = 'champion' and version = @Version
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Note,
            new { champion.Version, drift = JsonSerializer.Serialize(drift, JsonSerializerOptions.Web) },
            cancellationToken: cancellation));
        var isSuspended = objection is not null && await SuspendAsync(
            connection, champion.Version, objection, Guard, drift.MeasuredAt, cancellation);
        if (isSuspended)
        {
            // Once a suspension: training knows runs by their ids.
            var request = new TrainModel
            {
                RunId = PaymentIds.Training(champion.Version, drift.MeasuredAt),
                Trainer = champion.Trainer,
                Reason = "drift",
                RequestedAt = drift.MeasuredAt,
            };
            await outbox.AddAsync(connection, [new OutboxMessage(request.RunId, request)], cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return isSuspended;
    }

    public async Task<IReadOnlyList<ModelRole>> ReadRolesAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select role, version, trainer, artefact_path, artefact_sha256, since, suspended_at, suspended_because,
                suspended_by, trusted_at, drift::text as drift
            from model_roles join models using (version)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<ModelRole>(new CommandDefinition(
            Sql, cancellationToken: cancellation))).AsList();
    }

    /// <returns>Null if no such version was ever served.</returns>
    public async Task<StoredModel?> FindAsync(int version, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<StoredModel>(new CommandDefinition(
            "select version, trainer, artefact_path, artefact_sha256 from models where version = @version",
            new { version },
            cancellationToken: cancellation));
    }

    /// <summary>What was done, newest first.</summary>
    public async Task<IReadOnlyList<ModelChange>> ListChangesAsync(int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select version, change, reason, made_by, made_at from model_changes order by position desc limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<ModelChange>(new CommandDefinition(
            Sql, new { limit }, cancellationToken: cancellation))).AsList();
    }

    private static async Task<bool> SuspendAsync(
        NpgsqlConnection connection,
        int version,
        string reason,
        string by,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        const string Sql = """
            with suspended as (
                update model_roles set suspended_at = @now, suspended_because = @reason, suspended_by = @by
                where role = 'champion' and version = @version and case when @by = @Guard
                    then suspended_at is null and trusted_at is null
                    else suspended_at is null or suspended_by = @Guard end
                returning version
            )
            insert into model_changes (version, change, reason, made_by, made_at)
            select version, 'suspended', @reason, @by, @now from suspended
            """;

        return await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { version, reason, by, Guard, now = now.UtcDateTime }, cancellationToken: cancellation)) > 0;
    }
}

/// <summary>Where a version comes from.</summary>
internal sealed record StoredModel
{
    public required int Version { get; init; }

    public required string Trainer { get; init; }

    public required string ArtefactPath { get; init; }

    public required string ArtefactSha256 { get; init; }
}

/// <summary>A version in its role.</summary>
internal sealed record ModelRole
{
    /// <summary>champion or challenger.</summary>
    public required string Role { get; init; }

    public required int Version { get; init; }

    public required string Trainer { get; init; }

    public required string ArtefactPath { get; init; }

    public required string ArtefactSha256 { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset? SuspendedAt { get; init; }

    public required string? SuspendedBecause { get; init; }

    public required string? SuspendedBy { get; init; }

    /// <summary>When a person let it decide again, against the guard; null if none did.</summary>
    public required DateTimeOffset? TrustedAt { get; init; }

    /// <summary>JSON of a <see cref="ModelDrift"/>; null until it was looked at.</summary>
    public required string? Drift { get; init; }

    public StoredModel Model => new()
    {
        Version = Version,
        Trainer = Trainer,
        ArtefactPath = ArtefactPath,
        ArtefactSha256 = ArtefactSha256,
    };
}

/// <summary>What was done to a version.</summary>
internal sealed record ModelChange
{
    public required int Version { get; init; }

    /// <summary>promoted, challenging, suspended or resumed.</summary>
    public required string Change { get; init; }

    public required string? Reason { get; init; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }
}
