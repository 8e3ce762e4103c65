using System.Diagnostics;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Models;
using Ecom.ServiceDefaults.Messaging;
using Ecom.Training.Registry;
using Ecom.Training.Runs;
using Ecom.Training.Trainers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Training.Storage;

/// <summary>What a run leaves to be registered.</summary>
internal sealed record FinishedTraining
{
    public required RunRow Run { get; init; }

    public required Trainer Trainer { get; init; }

    public required TrainingTask Task { get; init; }

    public required TrainingResult Result { get; init; }

    public required string Log { get; init; }
}

/// <summary>
/// Ends a run that worked: the version, its verdict, the promotion and their messages, in one transaction.
/// </summary>
internal sealed class Registration(
    NpgsqlDataSource database,
    RunStore runs,
    ArtefactStore artefacts,
    Champions champions,
    Outbox outbox,
    IOptions<TrainingOptions> options,
    TimeProvider clock)
{
    /// <summary>Registers the version.</summary>
    /// <returns>Null when the run is another replica's by now: nothing was changed.</returns>
    public async Task<VersionRow?> RegisterAsync(FinishedTraining finished, CancellationToken cancellation)
    {
        var (sha256, bytes) = await ArtefactStore.MeasureAsync(finished.Task.ArtefactFile, cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var run = finished.Run;
        var number = await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "update models set last_version = last_version + 1 where name = @Model returning last_version",
            new { run.Model },
            cancellationToken: cancellation));
        var end = new RunEnd(RunState.Succeeded, finished.Log) { DataSet = finished.Result.DataSet };
        if (!await runs.EndAsync(connection, run.RunId, run.Owner!, end, cancellation))
        {
            return null;
        }

        var champion = await ModelRegistry.FindChampionAsync(connection, run.Model, cancellation);
        var verdict = Judge(finished, champion, sha256);
        var version = ToVersion(finished, number, champion, verdict) with
        {
            ArtefactFile = artefacts.Keep(finished.Task.ArtefactFile, run.Model, number),
            ArtefactBytes = bytes,
            ArtefactSha256 = sha256,
        };
        await InsertAsync(connection, version, cancellation);
        await TellAsync(connection, version, finished.Result.Metrics, cancellation);
        if (verdict.Passed && options.Value.AutoPromote)
        {
            await champions.ReplaceAsync(
                connection, champion, version, Champions.Gatekeeper, verdict.Reason, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return version;
    }

    private GateVerdict Judge(FinishedTraining finished, VersionRow? champion, string sha256)
    {
        var (metric, result) = (finished.Trainer.Metric, finished.Result);
        // Somebody may have promoted by hand while the run was under way: then the run measured another champion.
        var measured = champion is not null && champion.Version == finished.Task.Champion?.Version
            ? result.Champion?[metric]
            : null;
        return Gate.Decide(new GateCase
        {
            Metric = metric,
            Challenger = result.Metrics[metric],
            Baselines = result.Baselines.ToDictionary(pair => pair.Key, pair => pair.Value[metric]),
            ChampionVersion = champion?.Version,
            Champion = measured,
            SameRecipe = champion is not null
                && champion.Trainer == finished.Trainer.Name
                && ReadOptions(finished.Trainer, champion.Options)
                    == ReadOptions(finished.Trainer, finished.Run.Options),
            SameArtefact = champion?.ArtefactSha256 == sha256,
            MinimumGain = options.Value.MinimumGain,
        });
    }

    private static TrainerOptions ReadOptions(Trainer trainer, string json) =>
        trainer.ReadOptions(JsonSerializer.Deserialize<JsonElement>(json));

    private VersionRow ToVersion(FinishedTraining finished, int number, VersionRow? champion, GateVerdict verdict)
    {
        var (run, result) = (finished.Run, finished.Result);
        return new VersionRow
        {
            Model = run.Model,
            Version = number,
            Trainer = run.Trainer,
            RunId = run.RunId,
            Seed = ReadOptions(finished.Trainer, run.Options).Seed,
            Options = run.Options,
            Settled = result.Settled is null ? null : ToJson(result.Settled),
            Metric = finished.Trainer.Metric,
            Metrics = ToJson(result.Metrics),
            Baselines = ToJson(result.Baselines),
            ChampionVersion = champion?.Version,
            ChampionMetrics = result.Champion is null ? null : ToJson(result.Champion),
            PassedGate = verdict.Passed,
            Verdict = verdict.Reason,
            DataSet = ToJson(result.DataSet),
            ArtefactFile = string.Empty,
            ArtefactBytes = 0,
            ArtefactSha256 = string.Empty,
            TrainedAt = clock.GetUtcNow(),
            Aliases = [],
        };
    }

    private static async Task InsertAsync(
        NpgsqlConnection connection, VersionRow version, CancellationToken cancellation)
    {
        const string Sql = """
            insert into versions (
                model, version, trainer, run_id, seed, options, settled, metric, metrics, baselines, champion_version,
                champion_metrics, passed_gate, verdict, data_set, artefact_file, artefact_bytes, artefact_sha256,
                trained_at)
            values (
                @Model, @Version, @Trainer, @RunId, @Seed, @Options::jsonb, @Settled::jsonb, @Metric,
                @Metrics::jsonb, @Baselines::jsonb, @ChampionVersion, @ChampionMetrics::jsonb, @PassedGate, @Verdict,
                @DataSet::jsonb, @ArtefactFile, @ArtefactBytes, @ArtefactSha256, @TrainedAt);
            insert into aliases (model, alias, version, set_at)
            values (@Model, 'challenger', @Version, @TrainedAt)
            on conflict (model, alias) do update set version = excluded.version, set_at = excluded.set_at
            """;

        await connection.ExecuteAsync(new CommandDefinition(Sql, version, cancellationToken: cancellation));
    }

    private async Task TellAsync(
        NpgsqlConnection connection,
        VersionRow version,
        IReadOnlyDictionary<string, double> metrics,
        CancellationToken cancellation)
    {
        var message = new ModelTrained
        {
            Model = version.Model,
            Version = version.Version,
            Trainer = version.Trainer,
            RunId = version.RunId,
            PassedGate = version.PassedGate,
            Metrics = metrics,
            TrainedAt = version.TrainedAt,
        };
        await outbox.AddAsync(
            connection, [new OutboxMessage(Guid.NewGuid(), message, Activity.Current?.Id)], cancellation);
    }

    private static string ToJson<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
}
