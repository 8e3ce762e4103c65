using System.Text.Json;
using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Runs rules over stored decisions: the vectors of then, the labels with their arrival.</summary>
internal sealed class BacktestStore(NpgsqlDataSource database, VectorStore vectors, RuleSetStore sets)
    : IDisposable
{
    /// <summary>How many payments one run reads at most: more need a shorter time.</summary>
    public const int MostPayments = 2_000_000;

    // A run reads gigabytes: decisions must not wait for two of them.
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Runs a version over the payments tried in [from, to).</summary>
    /// <param name="rule">The version; without problems.</param>
    /// <param name="from">First instant.</param>
    /// <param name="to">The instant after.</param>
    /// <param name="knownAt">Labels that had arrived by then are those "known then".</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>Null if another run is under way on this replica.</returns>
    public async Task<BacktestResult?> RunAsync(
        NamedRule rule,
        DateTimeOffset from,
        DateTimeOffset to,
        DateTimeOffset knownAt,
        CancellationToken cancellation)
    {
        const string Sql = $"""
            select payment_id, attempted_at, base_amount, decision, decided_by,
                model_version, model_score, model_anomaly, model_decision,
                packed_vector, vector::text as vector, texts::text as texts, listed::text as listed,
                (select fraud from labels
                 where labels.payment_id = decisions.payment_id and known_at <= @KnownAt
                 order by {LabelStore.Newest} limit 1) as fraud_then,
                (select fraud from labels
                 where labels.payment_id = decisions.payment_id
                 order by {LabelStore.Newest} limit 1) as fraud_now
            from decisions
            where attempted_at >= @From and attempted_at < @To
            order by attempted_at, payment_id
            limit @MostPayments
            """;

        if (!await _one.WaitAsync(0, cancellation))
        {
            return null;
        }

        try
        {
            var test = new Backtest(rule);
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var rows = connection.QueryUnbufferedAsync<Row>(
                Sql,
                new { From = from.UtcDateTime, To = to.UtcDateTime, KnownAt = knownAt.UtcDateTime, MostPayments },
                commandTimeout: 0);
            await foreach (var row in rows.WithCancellation(cancellation))
            {
                var vector = await vectors.ReadAsync(row.PackedVector, row.Vector, cancellation);
                test.Add(row.ToPayment(vector), await sets.FindAsync(row.DecidedBy, cancellation));
            }

            return test.ToResult();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private sealed record Row
    {
        public required string PaymentId { get; init; }

        public required DateTimeOffset AttemptedAt { get; init; }

        public required long BaseAmount { get; init; }

        public required string Decision { get; init; }

        public required string DecidedBy { get; init; }

        public required int? ModelVersion { get; init; }

        public required double? ModelScore { get; init; }

        public required double? ModelAnomaly { get; init; }

        public required string? ModelDecision { get; init; }

        public required byte[]? PackedVector { get; init; }

        public required string? Vector { get; init; }

        public required string Texts { get; init; }

        public required string Listed { get; init; }

        public required bool? FraudThen { get; init; }

        public required bool? FraudNow { get; init; }

        public PastPayment ToPayment(NamedVector vector) => new()
        {
            PaymentId = PaymentId,
            AttemptedAt = AttemptedAt,
            BaseAmount = BaseAmount,
            Decision = Enum.Parse<FraudDecision>(Decision),
            FraudThen = FraudThen,
            FraudNow = FraudNow,
            Facts = new PaymentFacts
            {
                Vector = vector,
                Opinion = DecisionRow.OpinionOf(ModelVersion, ModelScore, ModelAnomaly, ModelDecision),
                Texts = JsonSerializer.Deserialize<Dictionary<string, string>>(Texts)!,
                Listed = JsonSerializer.Deserialize<List<ListHit>>(Listed)!,
            },
        };
    }
}
