using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Fraud.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>A label to be written.</summary>
internal sealed record NewLabel(
    Guid LabelId, string PaymentId, bool Fraud, string Source, string? Reason, DateTimeOffset KnownAt);

/// <summary>What became known of a payment afterwards.</summary>
internal sealed record Label
{
    /// <summary>Where it stands in the order of arrival: the cursor.</summary>
    public required long Position { get; init; }

    public required string PaymentId { get; init; }

    public required bool Fraud { get; init; }

    /// <summary>dispute, analyst, or maturity: old enough and not disputed.</summary>
    public required string Source { get; init; }

    public required string? Reason { get; init; }

    /// <summary>From when on it may be used.</summary>
    public required DateTimeOffset KnownAt { get; init; }
}

/// <summary>Keeps labels. The id of its dispute or verdict makes each one once.</summary>
internal sealed class LabelStore(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>
    /// Order of a payment's labels, the one that holds first. What somebody said stands before silence, however late
    /// it arrived.
    /// </summary>
    public const string Newest = "source = 'maturity', known_at desc, position desc";

    // A position is a cursor only if none appears behind it later: who lists waits for those who write.
    private const string Write = "select pg_advisory_xact_lock_shared(hashtext('fraud labels'))";
    private const string Read = "select pg_advisory_xact_lock(hashtext('fraud labels'))";

    private static readonly TimeSpan _settling = TimeSpan.FromHours(1);

    // Disputes about goods and bills, in the words of payment processors: the payer was the card's owner.
    private static readonly HashSet<string> _honest = new(StringComparer.OrdinalIgnoreCase)
    {
        "product_not_received", "product_unacceptable", "duplicate", "subscription_canceled", "credit_not_processed",
        "incorrect_account_details", "insufficient_funds", "customer_initiated",
    };

    /// <summary>Whether a dispute says that somebody else paid: any does, unless it is about goods or bills.</summary>
    public static bool IsFraud(PaymentDisputed dispute) => dispute.Reason is null || !_honest.Contains(dispute.Reason);

    public async Task RecordAsync(PaymentDisputed dispute, CancellationToken cancellation)
    {
        var label = new NewLabel(
            dispute.EventId, dispute.PaymentId, IsFraud(dispute), "dispute", dispute.Reason, dispute.DisputedAt);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await InsertAsync(connection, label, clock.GetUtcNow(), cancellation);
    }

    /// <summary>Keeps a label that somebody states; its id makes it once.</summary>
    public async Task RecordAsync(NewLabel label, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await InsertAsync(connection, label, clock.GetUtcNow(), cancellation);
    }

    /// <summary>When a payment was attempted; null if it is not known.</summary>
    public async Task<DateTimeOffset?> FindAttemptAsync(string paymentId, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            "select attempted_at from decisions where payment_id = @paymentId",
            new { paymentId },
            cancellationToken: cancellation));
    }

    private static Task InsertAsync(
        NpgsqlConnection connection, NewLabel label, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Sql = $"""
            {Write};
            insert into labels (label_id, payment_id, fraud, source, reason, known_at, received_at)
            values (@LabelId, @PaymentId, @Fraud, @Source, @Reason, @KnownAt, @ReceivedAt)
            on conflict (label_id) do nothing
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                label.LabelId,
                label.PaymentId,
                label.Fraud,
                label.Source,
                label.Reason,
                KnownAt = label.KnownAt.UtcDateTime,
                ReceivedAt = now.UtcDateTime,
            },
            cancellationToken: cancellation));
    }

    /// <summary>A person's verdict on alerts, as a label of each of their payments.</summary>
    public static Task LabelAlertsAsync(
        NpgsqlConnection connection,
        Guid[] alertIds,
        bool fraud,
        string? note,
        DateTimeOffset now,
        CancellationToken cancellation)
    {
        const string Sql = $"""
            {Write};
            insert into labels (label_id, payment_id, fraud, source, reason, known_at, received_at)
            select gen_random_uuid(), payment_id, @fraud, 'analyst', @note, @now, @now
            from alert_payments
            where alert_id = any(@alertIds)
            order by payment_id
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql, new { alertIds, fraud, note, now = now.UtcDateTime }, cancellationToken: cancellation));
    }

    /// <summary>
    /// Labels payments as genuine that have no label a time after they were attempted, from that moment on; of those
    /// that were decided just now, as imported ones, the disputes may still be under way. Of those that were never paid
    /// no silence says anything: they stay without label.
    /// </summary>
    /// <returns>How many payments were looked at.</returns>
    public async Task<int> MatureAsync(TimeSpan maturity, int limit, CancellationToken cancellation)
    {
        const string Due = $"""
            select payment_id, attempted_at, not {DecisionRow.NeverPaid} and not exists (
                select from labels where labels.payment_id = decisions.payment_id) as is_genuine
            from decisions
            where not matured and attempted_at < @before and decided_at < @settled
            order by attempted_at
            limit @limit
            for update skip locked
            """;
        const string Sql = $"""
            {Write};
            insert into labels (label_id, payment_id, fraud, source, known_at, received_at)
            select label_id, payment_id, false, 'maturity', known_at, @now
            from unnest(@labels, @payments, @knownAt) as due (label_id, payment_id, known_at)
            on conflict (label_id) do nothing;
            update decisions set matured = true where payment_id = any(@all);
            """;

        var now = clock.GetUtcNow().UtcDateTime;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var due = (await connection.QueryAsync<(string PaymentId, DateTime AttemptedAt, bool IsGenuine)>(
            new CommandDefinition(
                Due, new { before = now - maturity, settled = now - _settling, limit },
                cancellationToken: cancellation))).AsList();
        var genuine = due.Where(payment => payment.IsGenuine).ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                labels = genuine.Select(payment => PaymentIds.Matured(payment.PaymentId)).ToArray(),
                payments = genuine.Select(payment => payment.PaymentId).ToArray(),
                knownAt = genuine.Select(payment => payment.AttemptedAt + maturity).ToArray(),
                all = due.Select(payment => payment.PaymentId).ToArray(),
                now,
            },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return due.Count;
    }

    /// <summary>Labels in the order of arrival, after a position.</summary>
    public async Task<IReadOnlyList<Label>> ListAsync(long after, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, payment_id, fraud, source, reason, known_at
            from labels
            where position > @after
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Read, cancellationToken: cancellation));
        var rows = await connection.QueryAsync<Label>(new CommandDefinition(
            Sql, new { after, limit }, cancellationToken: cancellation));
        return rows.AsList();
    }
}
