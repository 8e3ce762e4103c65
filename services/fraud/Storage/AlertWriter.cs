using System.Diagnostics;
using System.Text.Json;
using Dapper;
using Ecom.Contracts.Fraud;
using Ecom.Fraud.Payments;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Announces a decision, and raises its alert, in the transaction that stores it.</summary>
internal sealed class AlertWriter(Outbox outbox)
{
    public async Task AnnounceAsync(
        NpgsqlConnection connection, Decision decision, bool raises, CancellationToken cancellation)
    {
        var traceParent = Activity.Current is { Recorded: true } current ? current.Id : null;
        List<OutboxMessage> messages =
            [new OutboxMessage(PaymentIds.Scored(decision.PaymentId), ScoredOf(decision), traceParent)];
        if (raises)
        {
            var alert = AlertOf(decision);
            messages.Add(new OutboxMessage(alert.AlertId, alert, traceParent));
            await InsertAsync(connection, alert, traceParent, cancellation);
        }

        await outbox.AddAsync(connection, messages, cancellation);
    }

    private static PaymentScored ScoredOf(Decision decision) => new()
    {
        PaymentId = decision.PaymentId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Reasons = decision.Reasons,
        DecidedBy = decision.DecidedBy,
        ScoredAt = decision.DecidedAt,
    };

    private static FraudAlertRaised AlertOf(Decision decision) => new()
    {
        AlertId = PaymentIds.Alert(decision.PaymentId),
        PaymentId = decision.PaymentId,
        OrderId = decision.OrderId,
        CustomerId = decision.CustomerId,
        Decision = decision.Verdict,
        Score = decision.Score,
        Amount = decision.Amount,
        Reasons = decision.Reasons,
        RaisedAt = decision.DecidedAt,
        TraceId = decision.TraceId,
    };

    private static Task InsertAsync(
        NpgsqlConnection connection, FraudAlertRaised alert, string? traceParent, CancellationToken cancellation)
    {
        const string Sql = """
            insert into alerts (alert_id, payment_id, body, trace_parent, raised_at)
            values (@AlertId, @PaymentId, @Body, @traceParent, @RaisedAt)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                alert.AlertId,
                alert.PaymentId,
                Body = JsonSerializer.Serialize(alert, JsonSerializerOptions.Web),
                traceParent,
                RaisedAt = alert.RaisedAt.UtcDateTime,
            },
            cancellationToken: cancellation));
    }
}
