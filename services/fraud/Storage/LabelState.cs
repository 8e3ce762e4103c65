using Dapper;
using Ecom.Contracts.Payments;
using Ecom.Features;
using Ecom.Features.Online;
using Ecom.Features.Payments;
using Ecom.Fraud.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Labels as events of the entities of their payments, from the moment they were known.</summary>
/// <remarks>
/// Each verdict on a payment counts once, under an id made of both: a dispute that says what an analyst had said adds
/// nothing. A crash between Redis and the note on it repeats the same ids.
/// </remarks>
internal sealed class LabelState(NpgsqlDataSource database, OnlineFeatures online)
{
    /// <summary>Counts labels that are not counted and whose payments are known, oldest first.</summary>
    /// <param name="after">Position behind which labels are looked at; 0 for all.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>How many were counted.</returns>
    public async Task<int> CountAsync(long after, int limit, CancellationToken cancellation)
    {
        const string Sql = """
            select position, payment_id, fraud, known_at, exists (
                select from labels earlier
                where earlier.payment_id = labels.payment_id and earlier.fraud = labels.fraud and earlier.counted
            ) as repeated
            from labels
            where counted is null and position > @after and exists (
                select from decisions where decisions.payment_id = labels.payment_id)
            order by position
            limit @limit
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { after, limit }, cancellationToken: cancellation))).AsList();
        if (rows.Count == 0)
        {
            return 0;
        }

        var first = rows.Where(row => !row.Repeated).DistinctBy(row => (row.PaymentId, row.Fraud)).ToArray();
        var payments = await PaymentLedger.ReadManyAsync(
            connection, [.. first.Select(row => row.PaymentId).Distinct()], cancellation);
        await online.ApplyAsync(Fold(payments, first), cancellation);
        await NoteAsync(connection, rows, first, cancellation);
        await transaction.CommitAsync(cancellation);
        Telemetry.LabelsCounted.Add(first.Length);
        return rows.Count;
    }

    /// <summary>Position of the newest label; 0 if there is none.</summary>
    public async Task<long> ReadNewestAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "select coalesce(max(position), 0) from labels", cancellationToken: cancellation));
    }

    /// <summary>What the counted labels of payments add: for a rebuild.</summary>
    public static async Task<IReadOnlyList<EntityDelta>> DeltasOfAsync(
        NpgsqlConnection connection, IReadOnlyList<PaymentAttempted> payments, CancellationToken cancellation)
    {
        const string Sql = """
            select position, payment_id, fraud, known_at, false as repeated
            from labels
            where payment_id = any(@ids) and counted
            """;

        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            Sql, new { ids = payments.Select(payment => payment.PaymentId).ToArray() },
            cancellationToken: cancellation));
        return Fold(payments, rows);
    }

    private static IReadOnlyList<EntityDelta> Fold(IEnumerable<PaymentAttempted> payments, IEnumerable<Row> labels)
    {
        var events = payments.ToDictionary(payment => payment.PaymentId, PaymentVector.EventOf);
        return FraudFeatures.Set.Fold(
        [
            .. labels.Select(label => PaymentVector.LabelOf(events[label.PaymentId], label.Fraud, label.KnownAt))
                .Select(label => KeyValuePair.Create(label.Id, (IReadOnlyList<ShopEvent>)[label])),
        ]);
    }

    private static Task NoteAsync(
        NpgsqlConnection connection, List<Row> rows, Row[] counted, CancellationToken cancellation)
    {
        const string Sql = """
            update labels set counted = position = any(@counted) where position = any(@positions)
            """;

        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                positions = rows.Select(row => row.Position).ToArray(),
                counted = counted.Select(row => row.Position).ToArray(),
            },
            cancellationToken: cancellation));
    }

    private sealed record Row
    {
        public required long Position { get; init; }

        public required string PaymentId { get; init; }

        public required bool Fraud { get; init; }

        public required DateTimeOffset KnownAt { get; init; }

        public required bool Repeated { get; init; }
    }
}
