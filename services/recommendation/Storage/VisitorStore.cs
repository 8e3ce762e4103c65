using Dapper;
using Ecom.Recommendation.Lists;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Who touched which product, and how often each product was touched each day.</summary>
internal sealed class VisitorStore
{
    private const int MostMessages = 64;

    private readonly NpgsqlDataSource _database;
    private readonly ErasedIds _erased;
    private readonly ListStore _lists;
    private readonly MessageGroups<ReceivedMessage> _groups;

    public VisitorStore(NpgsqlDataSource database, ErasedIds erased, ListStore lists)
    {
        _database = database;
        _erased = erased;
        _lists = lists;
        _groups = new MessageGroups<ReceivedMessage>(MostMessages, RecordTogetherAsync);
    }

    /// <summary>
    /// Records a message's touches and counts once, together with other messages'; what was only looked at also goes
    /// into the visitor's session.
    /// </summary>
    public Task RecordAsync(
        InboxEntry entry,
        IReadOnlyCollection<ProductTouch> touches,
        IReadOnlyCollection<ProductDay> days,
        CancellationToken cancellation) =>
        _groups.WriteAsync(new ReceivedMessage(entry, touches, days), cancellation);

    /// <summary>Notes that a browser belongs to a customer and hands the browser's history over.</summary>
    /// <returns>The history that was handed over, as touches of the customer; empty when the link is not new.</returns>
    public async Task<IReadOnlyList<ProductTouch>> LinkAsync(
        InboxEntry message, string customerId, string anonymousId, CancellationToken cancellation)
    {
        const string Link = """
            insert into identities (anonymous_id, customer_id)
            values (@anonymousId, @customerId)
            on conflict (anonymous_id) do update set customer_id = excluded.customer_id
            """;
        const string Move = """
            with moved as (
                delete from visitor_products where visitor = @Browser
                returning product_id, bought, last_at
            ), merged as (
                insert into visitor_products (visitor, product_id, bought, last_at)
                select @Customer, product_id, bought, last_at from moved
                on conflict (visitor, product_id) do update
                set bought = visitor_products.bought or excluded.bought,
                    last_at = greatest(visitor_products.last_at, excluded.last_at)
            )
            select @Customer as visitor, product_id, bought, last_at as at from moved
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var customer = Visitor.Customer(customerId);
        if (!await message.TryRecordAsync(connection, cancellation)
            || (await _erased.FindAsync(connection, [customer], cancellation)).Count > 0)
        {
            return [];
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Link, new { anonymousId, customerId }, cancellationToken: cancellation));
        var moved = await connection.QueryAsync<TouchRow>(new CommandDefinition(
            Move,
            new { Browser = Visitor.Anonymous(anonymousId), Customer = customer },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return [.. moved.Select(row => new ProductTouch(row.Visitor, row.ProductId, row.Bought, row.At))];
    }

    /// <summary>Histories of the customers after a cursor, by customer id: all products of each.</summary>
    public async Task<IReadOnlyList<CustomerHistory>> ReadHistoriesAsync(
        string after, int count, CancellationToken cancellation)
    {
        const string Sql = """
            select visitor, array_agg(product_id order by product_id) as products,
                   coalesce(array_agg(product_id order by product_id) filter (where bought), '{}') as bought
            from visitor_products
            where visitor in (
                select distinct visitor from visitor_products
                where visitor > @after and visitor like 'c:%'
                order by visitor
                limit @count)
            group by visitor
            order by visitor
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<CustomerHistory>(new CommandDefinition(
            Sql, new { after, count }, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Deletes a customer and their browsers, and remembers that they are gone.</summary>
    /// <returns>The visitors that were deleted.</returns>
    public async Task<IReadOnlyCollection<string>> EraseAsync(
        InboxEntry message, string customerId, IReadOnlyCollection<string> anonymousIds, CancellationToken cancellation)
    {
        const string Browsers = "delete from identities where customer_id = @customerId returning anonymous_id";
        const string Delete = "delete from visitor_products where visitor = any(@Visitors)";

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await message.TryRecordAsync(connection, cancellation);
        var linked = await connection.QueryAsync<string>(new CommandDefinition(
            Browsers, new { customerId }, cancellationToken: cancellation));
        string[] visitors =
        [
            Visitor.Customer(customerId), .. anonymousIds.Concat(linked).Distinct().Select(Visitor.Anonymous),
        ];
        await connection.ExecuteAsync(new CommandDefinition(
            Delete, new { Visitors = visitors }, cancellationToken: cancellation));
        await _erased.RememberAsync(connection, visitors, cancellation);
        await transaction.CommitAsync(cancellation);
        return visitors;
    }

    private async Task RecordTogetherAsync(IReadOnlyList<ReceivedMessage> group, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var added = await InboxEntry.RecordAsync(connection, group.Select(message => message.Entry), cancellation);
        var messages = group
            .Where(message => added.Contains(message.Entry))
            .DistinctBy(message => message.Entry)
            .ToArray();
        if (messages.Length == 0)
        {
            return;
        }

        var touches = messages.SelectMany(message => message.Touches).ToArray();
        var gone = await _erased.FindAsync(connection, touches.Select(touch => touch.Visitor), cancellation);
        var kept = touches.Where(touch => !gone.Contains(touch.Visitor)).ToArray();

        // Redis before the commit: repeating it changes nothing, after the commit a crash would leave it out for ever.
        await _lists.TouchSessionAsync([.. kept.Where(touch => !touch.Bought)]);
        await UpsertTouchesAsync(connection, kept, cancellation);
        await UpsertDaysAsync(connection, [.. messages.SelectMany(message => message.Days)], cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // Rows are written in key order, so that two consumers never wait for each other in a circle.
    private static async Task UpsertTouchesAsync(
        NpgsqlConnection connection, IEnumerable<ProductTouch> touches, CancellationToken cancellation)
    {
        const string Sql = """
            insert into visitor_products (visitor, product_id, bought, last_at)
            select * from unnest(@Visitors, @Products, @Bought, @Times)
            on conflict (visitor, product_id) do update
            set bought = visitor_products.bought or excluded.bought,
                last_at = greatest(visitor_products.last_at, excluded.last_at)
            """;

        var rows = touches
            .GroupBy(touch => (touch.Visitor, touch.ProductId))
            .OrderBy(group => group.Key.Visitor, StringComparer.Ordinal)
            .ThenBy(group => group.Key.ProductId, StringComparer.Ordinal)
            .Select(group => (group.Key, Bought: group.Any(touch => touch.Bought), At: group.Max(touch => touch.At)))
            .ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Visitors = rows.Select(row => row.Key.Visitor).ToArray(),
                Products = rows.Select(row => row.Key.ProductId).ToArray(),
                Bought = rows.Select(row => row.Bought).ToArray(),
                Times = rows.Select(row => row.At).ToArray(),
            },
            cancellationToken: cancellation));
    }

    private static async Task UpsertDaysAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ProductDay> days, CancellationToken cancellation)
    {
        const string Sql = """
            insert into product_days (product_id, day, orders, carts, views)
            select * from unnest(@Products, @Days, @Orders, @Carts, @Views)
            on conflict (product_id, day) do update
            set orders = product_days.orders + excluded.orders,
                carts = product_days.carts + excluded.carts,
                views = product_days.views + excluded.views
            """;

        var rows = days
            .GroupBy(day => (day.ProductId, day.Day))
            .OrderBy(group => group.Key.ProductId, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Day)
            .ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Products = rows.Select(row => row.Key.ProductId).ToArray(),
                Days = rows.Select(row => row.Key.Day.ToDateTime(TimeOnly.MinValue)).ToArray(),
                Orders = rows.Select(row => row.Sum(day => day.Orders)).ToArray(),
                Carts = rows.Select(row => row.Sum(day => day.Carts)).ToArray(),
                Views = rows.Select(row => row.Sum(day => day.Views)).ToArray(),
            },
            cancellationToken: cancellation));
    }

    private sealed record ReceivedMessage(
        InboxEntry Entry, IReadOnlyCollection<ProductTouch> Touches, IReadOnlyCollection<ProductDay> Days);

    private sealed record TouchRow
    {
        public required string Visitor { get; init; }

        public required string ProductId { get; init; }

        public required bool Bought { get; init; }

        public required DateTimeOffset At { get; init; }
    }
}

/// <summary>What happened to a product on a day of event time (UTC).</summary>
internal sealed record ProductDay(string ProductId, DateOnly Day)
{
    public int Orders { get; init; }

    public int Carts { get; init; }

    public int Views { get; init; }
}

/// <summary>All that a customer touched and bought.</summary>
internal sealed record CustomerHistory
{
    public required string Visitor { get; init; }

    public required string[] Products { get; init; }

    public required string[] Bought { get; init; }

    public string CustomerId => Visitor[Lists.Visitor.CustomerPrefix.Length..];
}
