using System.Text.Json;
using Ecom.Contracts.Payments;
using Ecom.ServiceDefaults.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.Fraud.Storage;

/// <summary>Writes a decision with its payment.</summary>
internal static class DecisionInsert
{
    private static readonly (string Column, Func<PaymentAttempted, Decision, NpgsqlParameter> Value)[] _columns =
    [
        ("payment_id", (payment, _) => Text(payment.PaymentId)),
        ("order_id", (payment, _) => Text(payment.OrderId)),
        ("customer_id", (payment, _) => Text(payment.CustomerId)),
        ("anonymous_id", (payment, _) => Text(payment.AnonymousId)),
        ("card_hash", (payment, _) => Text(payment.CardHash)),
        ("device_id", (payment, _) => Text(payment.Source.DeviceId)),
        ("ip_hash", (payment, _) => Text(payment.Source.IpHash)),
        ("amount", (payment, _) => Of(payment.Amount.Amount)),
        ("currency", (payment, _) => Text(payment.Amount.Currency)),
        ("base_amount", (payment, _) => Of(payment.Amount.BaseAmount)),
        ("base_currency", (payment, _) => Text(payment.Amount.BaseCurrency)),
        ("vector", (_, decision) => Json(decision.Vector)),
        ("decision", (_, decision) => Text(decision.Verdict.ToString())),
        ("score", (_, decision) => Of(decision.Score)),
        ("reasons", (_, decision) => Json(decision.Reasons, JsonSerializerOptions.Web)),
        ("decided_by", (_, decision) => Text(decision.DecidedBy)),
        ("arrival", (_, decision) => Text(decision.Arrival.ToString())),
        ("backfill", (_, decision) => Of(decision.Backfill)),
        ("attempted_at", (payment, _) => Of(payment.AttemptedAt.UtcDateTime)),
        ("decided_at", (_, decision) => Of(decision.DecidedAt.UtcDateTime)),
        ("trace_id", (_, decision) => Text(decision.TraceId)),
        ("degraded", (_, decision) => Of(decision.Degraded)),
        ("succeeded", (payment, _) => Of(payment.Succeeded)),
        ("texts", (_, decision) => Json(decision.Texts)),
        ("listed", (_, decision) => Json(decision.Listed)),
        ("shadow", (_, decision) => Of(decision.Shadow.ToArray())),
        ("model_version", (_, decision) => Of(decision.Opinion?.Version)),
        ("model_score", (_, decision) => Of(decision.Opinion?.Score)),
        ("model_anomaly", (_, decision) => Of(decision.Opinion?.Anomaly)),
        ("model_decision", (_, decision) => Text(decision.Opinion?.Decision.ToString())),
        ("policy", (_, decision) => Text(decision.Policy)),
        ("fallback", (_, decision) => Text(decision.Fallback)),
        ("challenger_version", (_, decision) => Of(decision.Challenger?.Version)),
        ("challenger_score", (_, decision) => Of(decision.Challenger?.Score)),
        ("challenger_decision", (_, decision) => Text(decision.Challenger?.Decision.ToString())),
    ];

    private static readonly string _sql =
        $"insert into decisions ({string.Join(", ", _columns.Select(column => column.Column))}) "
        + $"values ({string.Join(", ", Enumerable.Range(1, _columns.Length).Select(number => $"${number}"))})";

    /// <summary>Adds the row to a batch.</summary>
    public static void Add(NpgsqlBatch batch, PaymentAttempted payment, Decision decision) =>
        batch.Add(_sql, [.. _columns.Select(column => column.Value(payment, decision))]);

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<string?> Text(string? value) => Of(value);

    private static NpgsqlParameter Json<T>(T value, JsonSerializerOptions? options = null) => new()
    {
        Value = JsonSerializer.SerializeToUtf8Bytes(value, options),
        NpgsqlDbType = NpgsqlDbType.Jsonb,
    };
}
