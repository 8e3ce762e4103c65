using Npgsql;

namespace Ecom.Cli.Bench.Fraud;

/// <summary>What is stored of a run's payments.</summary>
/// <param name="Decisions">Payments with a decision; there cannot be two on one.</param>
/// <param name="Uncounted">Decisions whose payment does not count in the online state.</param>
/// <param name="Alerts">Payments that are in an alert.</param>
internal sealed record DecisionRows(long Decisions, long Uncounted, long Alerts)
{
    /// <summary>Reads them where they lie: no API counts them.</summary>
    public static async Task<DecisionRows> ReadAsync(
        string administrator, string run, CancellationToken cancellation)
    {
        const string Sql = """
            select count(*), count(uncounted.payment_id), count(alert_payments.payment_id)
            from fraud.decisions
            left join fraud.uncounted using (payment_id)
            left join fraud.alert_payments using (payment_id)
            where payment_id > $1 and payment_id < $2
            """;

        var (first, last) = PaymentStream.IdsOf(run);
        await using var connection = new NpgsqlConnection(administrator);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters = { new() { Value = first }, new() { Value = last } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new DecisionRows(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }
}
