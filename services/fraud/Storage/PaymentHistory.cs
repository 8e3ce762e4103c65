using System.Data;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Ecom.Features.Payments;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rings;
using Ecom.Fraud.Rules;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>The first line of the payments: what their values are.</summary>
internal sealed record PaymentHistoryHead
{
    /// <summary>Names of the features in the order of the values.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Those of them that no label enters: for models of anomalies.</summary>
    public required IReadOnlyList<string> Unlabelled { get; init; }

    /// <summary>Days after which a payment without a label counts as genuine.</summary>
    public required double LabelMaturityDays { get; init; }
}

/// <summary>One payment; a line of the NDJSON answer.</summary>
internal sealed record PastPaymentLine
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The vector that was decided on; null is missing.</summary>
    public required double?[] Values { get; init; }

    /// <summary>What the rules of its time make of it without a model, 0 to 1.</summary>
    public required double Score { get; init; }

    /// <summary>Number of its card within this answer; without card, of its customer or visitor.</summary>
    public required int Card { get; init; }

    /// <summary>Nothing was paid: the bank declined, or the shop kept to a decision to block.</summary>
    public required bool Refused { get; init; }

    /// <summary>What a dispute or a person said of it, oldest first.</summary>
    public required IReadOnlyList<PastLabel> Labels { get; init; }
}

/// <summary>What became known of a payment.</summary>
/// <param name="At">From when on it may be used.</param>
/// <param name="Fraud">Fraud, or genuine.</param>
internal readonly record struct PastLabel(DateTimeOffset At, bool Fraud);

/// <summary>Decided payments as training wants them: vectors, labels with their arrival, nobody's name.</summary>
internal sealed class PaymentHistory(
    NpgsqlDataSource database, VectorStore vectors, RuleSetStore sets, IOptions<FraudOptions> options)
{
    private const int PaymentsAtOnce = 1_000;
    private static readonly string[] _names = [.. PaymentVector.Names];

    /// <summary>A head, then the payments with <c>from ≤ time &lt; to</c>, oldest first; all of one instant.</summary>
    /// <remarks>
    /// What was decided without its history is left out: its vector says "new" of what was only not known.
    /// Who never paid disputes nothing: such a payment comes only if somebody said what it was, and with that label
    /// alone it may be learnt from.
    /// </remarks>
    public async IAsyncEnumerable<object> ReadAsync(
        DateTimeOffset? from, DateTimeOffset? to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return new PaymentHistoryHead
        {
            Names = _names,
            Unlabelled =
            [
                .. PaymentRisk.Unlabelled.Select(at => PaymentRisk.Names[at]),
                .. RingFeatures.Names,
            ],
            LabelMaturityDays = options.Value.LabelMaturity.TotalDays,
        };
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellation);
        var cards = new Dictionary<long, int>();
        var (at, after) = ((from ?? DateTimeOffset.UnixEpoch).UtcDateTime, string.Empty);
        while (true)
        {
            var page = await ReadPageAsync(connection, at, after, to, cancellation);
            foreach (var row in page.Where(row => !row.Refused || row.LabelFrauds is not null))
            {
                if (!cards.TryGetValue(row.Card, out var card))
                {
                    cards[row.Card] = card = cards.Count;
                }

                var vector = await vectors.ReadAsync(row.PackedVector, row.Vector, cancellation);
                yield return row.ToLine(card, vector, await sets.FindAsync(row.DecidedBy, cancellation));
            }

            if (page.Count < PaymentsAtOnce)
            {
                yield break;
            }

            (at, after) = (page[^1].AttemptedAt, page[^1].PaymentId);
        }
    }

    // By pages, so that the index gives the order: sorting years of vectors would take their size again on the disk.
    private static async Task<List<Row>> ReadPageAsync(
        NpgsqlConnection connection, DateTime at, string after, DateTimeOffset? to, CancellationToken cancellation)
    {
        const string Sql = $"""
            select payment_id, attempted_at, packed_vector, vector::text as vector, decided_by, score,
                case when model_version is not null then texts::text end as texts_beside_model, listed::text as listed,
                {DecisionRow.NeverPaid} as refused,
                hashtextextended(coalesce(card_hash, customer_id, anonymous_id, payment_id), 0) as card,
                label_times, label_frauds
            from decisions
            left join lateral (
                select array_agg(known_at order by known_at, position) as label_times,
                    array_agg(fraud order by known_at, position) as label_frauds
                from labels
                where labels.payment_id = decisions.payment_id and source <> 'maturity'
            ) as said on true
            where (attempted_at, payment_id) > (@at, @after) and not degraded
                and (@Until::timestamptz is null or attempted_at < @Until)
            order by attempted_at, payment_id
            limit @PaymentsAtOnce
            """;

        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { at, after, Until = to?.UtcDateTime, PaymentsAtOnce }, cancellationToken: cancellation));
        return rows.AsList();
    }

    private sealed record Row
    {
        public required string PaymentId { get; init; }

        public required DateTime AttemptedAt { get; init; }

        public required byte[]? PackedVector { get; init; }

        public required string? Vector { get; init; }

        public required string DecidedBy { get; init; }

        public required double Score { get; init; }

        public required string? TextsBesideModel { get; init; }

        public required string Listed { get; init; }

        public required bool Refused { get; init; }

        public required long Card { get; init; }

        public required DateTime[]? LabelTimes { get; init; }

        public required bool[]? LabelFrauds { get; init; }

        public PastPaymentLine ToLine(int card, NamedVector vector, RuleSet? rules) => new()
        {
            At = new DateTimeOffset(AttemptedAt),
            Values = Array.ConvertAll(_names, vector.GetValueOrDefault),
            Score = ScoreOf(vector, rules),
            Card = card,
            Refused = Refused,
            Labels = [.. (LabelTimes ?? []).Zip(
                LabelFrauds ?? [], (at, fraud) => new PastLabel(new DateTimeOffset(at), fraud))],
        };

        // A score that a model had a part in is made anew without it, unless the rules of its time are gone.
        private double ScoreOf(IReadOnlyDictionary<string, double?> vector, RuleSet? rules) =>
            TextsBesideModel is null || rules is null ? Score : rules.Judge(new PaymentFacts
            {
                Vector = vector,
                Texts = JsonSerializer.Deserialize<Dictionary<string, string>>(TextsBesideModel)!,
                Listed = JsonSerializer.Deserialize<List<ListHit>>(Listed)!,
            }).Score;
    }
}
