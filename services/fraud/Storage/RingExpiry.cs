using Dapper;
using Ecom.Fraud.Rings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Lets go of ties that nobody used for long, and takes their rings apart.</summary>
internal sealed class RingExpiry(NpgsqlDataSource database, IOptions<FraudOptions> options, TimeProvider clock)
{
    private readonly RingOptions _options = options.Value.Rings;

    /// <summary>Removes ties that were last written longer ago than the window.</summary>
    /// <param name="limit">Customers at once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Customers that lost ties.</returns>
    public async Task<int> RunAsync(int limit, CancellationToken cancellation)
    {
        const string Find = "select distinct customer_id from ring_ties where noted_at < @before limit @limit";

        var before = (clock.GetUtcNow() - _options.Window).UtcDateTime;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var customers = (await connection.QueryAsync<string>(new CommandDefinition(
            Find, new { before, limit }, cancellationToken: cancellation))).ToArray();
        if (customers.Length == 0)
        {
            return 0;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Locks.ShareErasureAsync(connection, cancellation);
        await Locks.HoldRingsAsync(connection, cancellation);
        await RemoveAsync(connection, customers, before, cancellation);
        await transaction.CommitAsync(cancellation);
        return customers.Length;
    }

    // Customers before ties, and all that the split will touch at once: payments wait for their customers only.
    private static async Task RemoveAsync(
        NpgsqlConnection connection, string[] customers, DateTime before, CancellationToken cancellation)
    {
        const string Lock = """
            select ring_id from ring_customers
            where customer_id = any(@customers)
                or ring_id in (select ring_id from ring_customers where customer_id = any(@customers))
            order by customer_id collate "C"
            for update
            """;
        const string Remove = "delete from ring_ties where customer_id = any(@customers) and noted_at < @before";

        var rings = await connection.QueryAsync<Guid?>(new CommandDefinition(
            Lock, new { customers }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Remove, new { customers, before }, cancellationToken: cancellation));
        await RingSplit.RunAsync(connection, [.. rings.OfType<Guid>().Distinct()], cancellation);
    }
}
