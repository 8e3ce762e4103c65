using Dapper;
using Ecom.Features;
using Npgsql;

namespace Ecom.FeatureStore.Storage;

/// <summary>What happened to entities after an instant: labels of training rows.</summary>
internal sealed class TrainingLabels(NpgsqlDataSource database)
{
    /// <summary>Events and their amounts in <c>[at, at + window)</c> of each row, as far as they are known.</summary>
    /// <param name="kind">What the ids are of.</param>
    /// <param name="ids">Id of each row.</param>
    /// <param name="instants">Instant of each row.</param>
    /// <param name="events">The kinds that count.</param>
    /// <param name="window">How far a label looks.</param>
    /// <param name="knownBefore">Events from then on are not known yet; null knows all.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <returns>Count and sum for each row, in the order of the rows.</returns>
    public async Task<(long Count, long Sum)[]> ReadAsync(
        EntityKind kind,
        string[] ids,
        DateTimeOffset[] instants,
        IEnumerable<ShopEventKind> events,
        TimeSpan window,
        DateTimeOffset? knownBefore,
        CancellationToken cancellation)
    {
        var column = EventRow.ColumnOf(kind);
        var sql = $"""
            select r.row, count(*) as count, coalesce(sum(e.amount), 0)::bigint as sum
            from unnest(@ids, @Instants) with ordinality as r (id, at, row)
            join shop_events e on e.{column} = r.id and e.at >= r.at and e.at < least(r.at + @window, @Known)
            where e.kind = any(@Kinds)
            group by r.row
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var found = await connection.QueryAsync<(long Row, long Count, long Sum)>(new CommandDefinition(
            sql,
            new
            {
                ids,
                Instants = instants.Select(instant => instant.UtcDateTime).ToArray(),
                window,
                Known = (knownBefore ?? new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero)).UtcDateTime,
                Kinds = events.Select(e => e.ToString()).ToArray(),
            },
            commandTimeout: 0,
            cancellationToken: cancellation));
        var labels = new (long, long)[ids.Length];
        foreach (var (row, count, sum) in found)
        {
            labels[row - 1] = (count, sum);
        }

        return labels;
    }
}
