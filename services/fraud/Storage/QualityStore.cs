using System.Text.Json;
using Dapper;
using Ecom.Algorithms.Classification;
using Ecom.Contracts.Models;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Scoring;
using Ecom.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>
/// Measures each version's scores by the labels of payments that are old enough to have one, of the champion and of the
/// challenger alike, and announces it.
/// </summary>
/// <remarks>
/// A week of payments, anew each day: the last one whose labels have matured. Refused payments without a person's
/// verdict have no label, so that champion and challenger are judged on what was let through or looked at.
/// </remarks>
internal sealed class QualityStore(NpgsqlDataSource database, Outbox outbox, IOptions<FraudOptions> options)
{
    private const int Bins = 10;
    private static readonly TimeSpan _window = TimeSpan.FromDays(7);

    /// <summary>Measures the newest window whose labels have matured, if it was not yet.</summary>
    /// <returns>How many versions were measured.</returns>
    public async Task<int> MeasureAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var due = now - options.Value.LabelMaturity - TimeSpan.FromDays(1);
        var to = new DateTimeOffset(due.UtcTicks - (due.UtcTicks % TimeSpan.TicksPerDay), TimeSpan.Zero);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from model_outcomes where to_at >= @to) or not exists (select from models)",
            new { to = to.UtcDateTime },
            cancellationToken: cancellation)))
        {
            return 0;
        }

        var judged = await ReadAsync(connection, to - _window, to, cancellation);
        var measured = judged.SelectMany(OpinionsOf)
            .GroupBy(scored => scored.Version)
            .Select(version => Measure(version.Key, [.. version], to))
            .OfType<ModelOutcomesMeasured>()
            .ToArray();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var outcomes in measured)
        {
            await NoteAsync(connection, outcomes, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return measured.Length;
    }

    /// <summary>What was measured, newest first.</summary>
    public async Task<IReadOnlyList<ModelOutcomes>> ListAsync(int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select version, from_at as from, to_at as to, metrics::text as metrics, sample
            from model_outcomes
            order by to_at desc, version desc
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<OutcomeRow>(new CommandDefinition(
            Sql, new { limit }, cancellationToken: cancellation));
        return [.. rows.Select(row => row.ToOutcomes())];
    }

    private static IEnumerable<ScoredLabel> OpinionsOf(JudgedRow row)
    {
        if (row.ModelVersion is { } version)
        {
            yield return new ScoredLabel(version, row.ModelScore!.Value, row.Fraud);
        }

        if (row.ChallengerVersion is { } challenger)
        {
            yield return new ScoredLabel(challenger, row.ChallengerScore!.Value, row.Fraud);
        }
    }

    private static ModelOutcomesMeasured? Measure(int version, ScoredLabel[] payments, DateTimeOffset to)
    {
        var scores = Array.ConvertAll(payments, payment => payment.Score);
        var labels = Array.ConvertAll(payments, payment => payment.Fraud);
        return labels.Distinct().Count() < 2 ? null : new ModelOutcomesMeasured
        {
            Model = CurrentModels.Name,
            Version = version,
            Metrics = new Dictionary<string, double>
            {
                ["ap"] = BinaryMetrics.AveragePrecision(scores, labels),
                ["auc"] = BinaryMetrics.Auc(scores, labels),
                ["brier"] = BinaryMetrics.Brier(scores, labels),
                ["logLoss"] = BinaryMetrics.LogLoss(scores, labels),
                ["ece"] = BinaryMetrics.CalibrationError(scores, scores, labels, 1, Bins),
                ["frauds"] = labels.Count(label => label),
            },
            SampleSize = labels.Length,
            From = to - _window,
            To = to,
        };
    }

    private async Task<List<JudgedRow>> ReadAsync(
        NpgsqlConnection connection, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        const string Sql = $"""
            select model_version, model_score, challenger_version, challenger_score, label.fraud
            from decisions
            join lateral (
                select fraud, source from labels
                where labels.payment_id = decisions.payment_id
                order by {LabelStore.Newest}
                limit 1) label on true
            where attempted_at >= @from and attempted_at < @to and not backfill
                and (model_version is not null or challenger_version is not null)
                and not ({DecisionRow.NeverPaid} and label.source = 'maturity')
            order by attempted_at desc
            limit @limit
            """;

        var rows = await connection.QueryAsync<JudgedRow>(new CommandDefinition(
            Sql,
            new { from = from.UtcDateTime, to = to.UtcDateTime, limit = options.Value.Model.JudgedPayments },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    private async Task NoteAsync(
        NpgsqlConnection connection, ModelOutcomesMeasured outcomes, CancellationToken cancellation)
    {
        const string Sql = """
            insert into model_outcomes (version, from_at, to_at, metrics, sample)
            values (@Version, @From, @To, @metrics::jsonb, @SampleSize)
            on conflict do nothing
            """;

        var noted = await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                outcomes.Version,
                From = outcomes.From.UtcDateTime,
                To = outcomes.To.UtcDateTime,
                metrics = JsonSerializer.Serialize(outcomes.Metrics),
                outcomes.SampleSize,
            },
            cancellationToken: cancellation));
        if (noted == 0)
        {
            return;
        }

        await outbox.AddAsync(
            connection,
            [new OutboxMessage(PaymentIds.Outcomes(outcomes.Version, outcomes.To), outcomes)],
            cancellation);
    }

    private readonly record struct ScoredLabel(int Version, double Score, bool Fraud);

    private sealed record JudgedRow
    {
        public required int? ModelVersion { get; init; }

        public required double? ModelScore { get; init; }

        public required int? ChallengerVersion { get; init; }

        public required double? ChallengerScore { get; init; }

        public required bool Fraud { get; init; }
    }

    private sealed record OutcomeRow
    {
        public required int Version { get; init; }

        public required DateTimeOffset From { get; init; }

        public required DateTimeOffset To { get; init; }

        public required string Metrics { get; init; }

        public required int Sample { get; init; }

        public ModelOutcomes ToOutcomes() => new()
        {
            Version = Version,
            From = From,
            To = To,
            Metrics = JsonSerializer.Deserialize<Dictionary<string, double>>(Metrics)!,
            Payments = Sample,
        };
    }
}

/// <summary>How true the scores of a version were over a week of payments.</summary>
internal sealed record ModelOutcomes
{
    public required int Version { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Payments with a label that it rests on.</summary>
    public required int Payments { get; init; }
}
