using System.Text.Json;
using Ecom.Contracts.Payments;
using Ecom.ServiceDefaults.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.Fraud.Storage;

/// <summary>Writes a decision with its payment.</summary>
internal static class DecisionInsert
{
    private static readonly (string Column, Func<Row, NpgsqlParameter> Value)[] _columns =
    [
        ("payment_id", row => Text(row.Payment.PaymentId)),
        ("order_id", row => Text(row.Payment.OrderId)),
        ("customer_id", row => Text(row.Payment.CustomerId)),
        ("anonymous_id", row => Text(row.Payment.AnonymousId)),
        ("card_hash", row => Text(row.Payment.CardHash)),
        ("device_id", row => Text(row.Payment.Source.DeviceId)),
        ("ip_hash", row => Text(row.Payment.Source.IpHash)),
        ("amount", row => Of(row.Payment.Amount.Amount)),
        ("currency", row => Text(row.Payment.Amount.Currency)),
        ("base_amount", row => Of(row.Payment.Amount.BaseAmount)),
        ("base_currency", row => Text(row.Payment.Amount.BaseCurrency)),
        ("packed_vector", row => Of(row.Vector)),
        ("decision", row => Text(row.Decision.Verdict.ToString())),
        ("score", row => Of(row.Decision.Score)),
        ("reasons", row => Json(row.Decision.Reasons, JsonSerializerOptions.Web)),
        ("decided_by", row => Text(row.Decision.DecidedBy)),
        ("arrival", row => Text(row.Decision.Arrival.ToString())),
        ("backfill", row => Of(row.Decision.Backfill)),
        ("attempted_at", row => Of(row.Payment.AttemptedAt.UtcDateTime)),
        ("decided_at", row => Of(row.Decision.DecidedAt.UtcDateTime)),
        ("trace_id", row => Text(row.Decision.TraceId)),
        ("degraded", row => Of(row.Decision.Degraded)),
        ("succeeded", row => Of(row.Payment.Succeeded)),
        ("texts", row => Json(row.Decision.Texts)),
        ("listed", row => Json(row.Decision.Listed)),
        ("shadow", row => Of(row.Decision.Shadow.ToArray())),
        ("model_version", row => Of(row.Decision.Opinion?.Version)),
        ("model_score", row => Of(row.Decision.Opinion?.Score)),
        ("model_anomaly", row => Of(row.Decision.Opinion?.Anomaly)),
        ("model_decision", row => Text(row.Decision.Opinion?.Decision.ToString())),
        ("policy", row => Text(row.Decision.Policy)),
        ("fallback", row => Text(row.Decision.Fallback)),
        ("challenger_version", row => Of(row.Decision.Challenger?.Version)),
        ("challenger_score", row => Of(row.Decision.Challenger?.Score)),
        ("challenger_decision", row => Text(row.Decision.Challenger?.Decision.ToString())),
    ];

    private static readonly string _sql =
        $"insert into decisions ({string.Join(", ", _columns.Select(column => column.Column))}) "
        + $"values ({string.Join(", ", Enumerable.Range(1, _columns.Length).Select(number => $"${number}"))})";

    /// <summary>Adds the row to a batch, and that its payment is not counted yet.</summary>
    /// <param name="batch">Where to.</param>
    /// <param name="payment">The payment.</param>
    /// <param name="decision">The decision on it.</param>
    /// <param name="vector">The decision's vector as <see cref="VectorStore"/> packs it.</param>
    public static void Add(NpgsqlBatch batch, PaymentAttempted payment, Decision decision, byte[] vector)
    {
        const string Uncounted = """
            insert into uncounted (payment_id, attempt, outcome, since) values ($1, true, $2, $3)
            """;

        var row = new Row(payment, decision, vector);
        batch.Add(_sql, [.. _columns.Select(column => column.Value(row))]);
        batch.Add(
            Uncounted,
            Text(payment.PaymentId),
            Of(payment.Succeeded is not null),
            Of(decision.DecidedAt.UtcDateTime));
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<string?> Text(string? value) => Of(value);

    private static NpgsqlParameter Json<T>(T value, JsonSerializerOptions? options = null) => new()
    {
        Value = JsonSerializer.SerializeToUtf8Bytes(value, options),
        NpgsqlDbType = NpgsqlDbType.Jsonb,
    };

    private readonly record struct Row(PaymentAttempted Payment, Decision Decision, byte[] Vector);
}
