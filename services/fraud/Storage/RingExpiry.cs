using Dapper;
using Ecom.Features;
using Ecom.Fraud.Rings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Lets go of ties that nobody used for long, and takes their rings apart.</summary>
internal sealed class RingExpiry(NpgsqlDataSource database, IOptions<FraudOptions> options, TimeProvider clock)
{
    private const string IsOld =
        "noted_at < case kind when 'Ip' then @addressesBefore::timestamptz else @before::timestamptz end";

    private readonly RingOptions _options = options.Value.Rings;

    /// <summary>Removes ties that were last written longer ago than the window of their kind.</summary>
    /// <remarks>
    /// Reads all ties once: an index on when they were written would cost each payment more than this costs an hour.
    /// </remarks>
    /// <param name="most">Customers in all.</param>
    /// <param name="atOnce">Customers of one transaction, which keeps others from changing rings.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Customers that lost ties.</returns>
    public async Task<int> RunAsync(int most, int atOnce, CancellationToken cancellation)
    {
        const string Find = $"select distinct customer_id from ring_ties where {IsOld} limit @most";

        var now = clock.GetUtcNow().UtcDateTime;
        var (before, addressesBefore) = (now - _options.Window, now - _options.WindowOf(EntityKind.Ip));
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var customers = (await connection.QueryAsync<string>(new CommandDefinition(
            Find, new { before, addressesBefore, most }, cancellationToken: cancellation))).ToArray();
        foreach (var some in customers.Chunk(atOnce))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await Locks.ShareErasureAsync(connection, cancellation);
            await Locks.HoldRingsAsync(connection, cancellation);
            await RemoveAsync(connection, some, before, addressesBefore, cancellation);
            await transaction.CommitAsync(cancellation);
        }

        return customers.Length;
    }

    // Customers before ties, and all that the split will touch at once: payments wait for their customers only.
    private static async Task RemoveAsync(
        NpgsqlConnection connection,
        string[] customers,
        DateTime before,
        DateTime addressesBefore,
        CancellationToken cancellation)
    {
        const string Lock = """
            select ring_id from ring_customers
            where customer_id = any(@customers)
                or ring_id in (select ring_id from ring_customers where customer_id = any(@customers))
            order by customer_id collate "C"
            for update
            """;
        const string Remove = $"delete from ring_ties where customer_id = any(@customers) and {IsOld}";

        var rings = await connection.QueryAsync<Guid?>(new CommandDefinition(
            Lock, new { customers }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Remove, new { customers, before, addressesBefore }, cancellationToken: cancellation));
        await RingSplit.RunAsync(connection, [.. rings.OfType<Guid>().Distinct()], cancellation);
    }
}
