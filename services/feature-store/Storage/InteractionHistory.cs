using System.Runtime.CompilerServices;
using Ecom.Features;
using Npgsql;
using NpgsqlTypes;

namespace Ecom.FeatureStore.Storage;

/// <summary>One thing that a customer or visitor did with a product; a line of the NDJSON answer.</summary>
internal sealed record InteractionRow
{
    /// <summary>Known customer; also of an anonymous event whose browser is known by now.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Anonymous id; null when the customer is known.</summary>
    public string? AnonymousId { get; init; }

    public required string ProductId { get; init; }

    /// <summary>Kind of event, for example "ProductViewed" or "ProductBought".</summary>
    public required string Kind { get; init; }

    /// <summary>How much the event says of liking: see <see cref="InteractionHistory.WeightOf"/>.</summary>
    public required double Weight { get; init; }

    /// <summary>1 to 5; null if it is no review.</summary>
    public double? Rating { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>One order; a line of the NDJSON answer.</summary>
internal sealed record OrderRow
{
    public required string OrderId { get; init; }

    public string? CustomerId { get; init; }

    public string? AnonymousId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Order total, minor units of the base currency.</summary>
    public required long Amount { get; init; }

    /// <summary>Whether it was cancelled before the end of the asked range.</summary>
    public required bool Cancelled { get; init; }

    public required IReadOnlyList<OrderRowLine> Lines { get; init; }
}

/// <summary>One product of an order.</summary>
internal sealed record OrderRowLine
{
    public required string ProductId { get; init; }

    public required long Quantity { get; init; }

    /// <summary>Units times price, minor units of the base currency.</summary>
    public required long Amount { get; init; }
}

/// <summary>History as training wants it: who did what with which product, and what was ordered.</summary>
internal sealed class InteractionHistory(NpgsqlDataSource database)
{
    private static readonly Dictionary<ShopEventKind, double> _weights = new()
    {
        [ShopEventKind.ProductViewed] = 1,
        [ShopEventKind.ProductClicked] = 1,
        [ShopEventKind.RecommendationClicked] = 1,
        [ShopEventKind.ProductWished] = 2,
        [ShopEventKind.ProductAdded] = 3,
        [ShopEventKind.ProductBought] = 5,
        [ShopEventKind.ProductReviewed] = 3,
    };

    // A range without end would keep events with clocks that run ahead; nothing is dated later than this.
    private static readonly DateTimeOffset _end = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// View, click 1, wish 2, cart 3, purchase 5; a review counts 1 to 5 as it rates. Other events say nothing of
    /// liking.
    /// </summary>
    public static double WeightOf(ShopEventKind kind, double? rating) => rating ?? _weights[kind];

    /// <summary>Interactions with <c>after ≤ time &lt; before</c>, oldest first.</summary>
    public async IAsyncEnumerable<InteractionRow> InteractionsAsync(
        DateTimeOffset? after, DateTimeOffset? before, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const string Sql = """
            select coalesce(e.customer, i.customer), e.anonymous, e.product, e.kind, e.rating, e.at
            from shop_events e
            left join identities i on e.customer is null and i.anonymous = e.anonymous
            where e.kind = any($1) and e.at >= $2 and e.at < $3 and e.product is not null
                and (e.customer is not null or e.anonymous is not null)
            order by e.at, e.id, e.line
            """;

        await using var command = Command(Sql, after, before);
        command.Parameters.Insert(0, new() { Value = _weights.Keys.Select(kind => kind.ToString()).ToArray() });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var customer = row.IsDBNull(0) ? null : row.GetString(0);
            double? rating = row.IsDBNull(4) ? null : row.GetInt64(4) / 100.0;
            yield return new InteractionRow
            {
                CustomerId = customer,
                AnonymousId = customer is null ? row.GetString(1) : null,
                ProductId = row.GetString(2),
                Kind = row.GetString(3),
                Weight = WeightOf(Enum.Parse<ShopEventKind>(row.GetString(3)), rating),
                Rating = rating,
                At = new DateTimeOffset(row.GetDateTime(5)),
            };
        }
    }

    /// <summary>Orders with <c>after ≤ time &lt; before</c>, oldest first.</summary>
    public async IAsyncEnumerable<OrderRow> OrdersAsync(
        DateTimeOffset? after, DateTimeOffset? before, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const string Sql = """
            select e.id, e.kind, e.reference, coalesce(e.customer, i.customer), e.anonymous, e.at, e.amount, e.product,
                e.quantity, exists (
                    select from shop_events c
                    where e.kind = 'OrderPlaced' and c.kind = 'OrderCancelled' and c.reference = e.reference
                        and c.at < $2)
            from shop_events e
            left join identities i on e.customer is null and i.anonymous = e.anonymous
            where e.kind in ('OrderPlaced', 'ProductBought') and e.at >= $1 and e.at < $2
            order by e.at, e.id, e.line
            """;

        await using var command = Command(Sql, after, before);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        OrderRow? order = null;
        var lines = new List<OrderRowLine>();
        while (await row.ReadAsync(cancellation))
        {
            if (row.GetString(1) == nameof(ShopEventKind.ProductBought))
            {
                lines.Add(Line(row));
                continue;
            }

            if (order is not null)
            {
                yield return order with { Lines = lines };
            }

            (order, lines) = (Order(row), []);
        }

        if (order is not null)
        {
            yield return order with { Lines = lines };
        }
    }

    private NpgsqlCommand Command(string sql, DateTimeOffset? after, DateTimeOffset? before)
    {
        var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        foreach (var bound in new[] { after ?? DateTimeOffset.UnixEpoch, before ?? _end })
        {
            command.Parameters.Add(new() { Value = bound.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        }

        return command;
    }

    private static OrderRow Order(NpgsqlDataReader row)
    {
        var customer = row.IsDBNull(3) ? null : row.GetString(3);
        return new OrderRow
        {
            OrderId = row.GetString(2),
            CustomerId = customer,
            AnonymousId = customer is null && !row.IsDBNull(4) ? row.GetString(4) : null,
            At = new DateTimeOffset(row.GetDateTime(5)),
            Amount = row.GetInt64(6),
            Cancelled = row.GetBoolean(9),
            Lines = [],
        };
    }

    private static OrderRowLine Line(NpgsqlDataReader row) => new()
    {
        ProductId = row.GetString(7),
        Quantity = row.GetInt64(8),
        Amount = row.GetInt64(6),
    };
}
