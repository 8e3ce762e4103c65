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
    private readonly MessageGroups<ReceivedMessage> _groups;

    public VisitorStore(NpgsqlDataSource database, ErasedIds erased)
    {
        _database = database;
        _erased = erased;
        _groups = new MessageGroups<ReceivedMessage>(MostMessages, RecordTogetherAsync);
    }

    /// <summary>
    /// Records a message's touches and counts once, together with other messages'.
    /// </summary>
    public Task RecordAsync(
        InboxEntry entry,
        IReadOnlyCollection<ProductTouch> touches,
        IReadOnlyCollection<ProductDay> days,
        Basket? basket,
        CancellationToken cancellation) =>
        _groups.WriteAsync(new ReceivedMessage(entry, touches, days, basket), cancellation);

    /// <summary>Notes that a browser belongs to a customer and hands the browser's history over.</summary>
    public async Task LinkAsync(
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
                returning product_id, bought, wished, last_at, in_cart, cart_at, hidden, hidden_at
            )
            insert into visitor_products (
                visitor, product_id, bought, wished, last_at, in_cart, cart_at, hidden, hidden_at)
            select @Customer, product_id, bought, wished, last_at, in_cart, cart_at, hidden, hidden_at from moved
            on conflict (visitor, product_id) do update
            set bought = visitor_products.bought or excluded.bought,
                wished = visitor_products.wished or excluded.wished,
                last_at = greatest(visitor_products.last_at, excluded.last_at),
                in_cart = case when excluded.cart_at > coalesce(visitor_products.cart_at, '-infinity')
                    then excluded.in_cart else visitor_products.in_cart end,
                cart_at = greatest(visitor_products.cart_at, excluded.cart_at),
                hidden = case when excluded.hidden_at > coalesce(visitor_products.hidden_at, '-infinity')
                    then excluded.hidden else visitor_products.hidden end,
                hidden_at = greatest(visitor_products.hidden_at, excluded.hidden_at)
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var customer = Visitor.Customer(customerId);
        if (!await message.TryRecordAsync(connection, cancellation)
            || (await _erased.FindAsync(connection, [customer], cancellation)).Count > 0)
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            Link, new { anonymousId, customerId }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition(
            Move,
            new { Browser = Visitor.Anonymous(anonymousId), Customer = customer },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Notes that a visitor does not want to see a product, or takes that back; the newest counts.</summary>
    public async Task HideAsync(
        string visitor, string productId, bool hidden, DateTimeOffset at, CancellationToken cancellation)
    {
        const string Sql = """
            insert into visitor_products (visitor, product_id, bought, last_at, hidden, hidden_at)
            values (@visitor, @productId, false, @at, @hidden, @at)
            on conflict (visitor, product_id) do update
            set hidden = excluded.hidden, hidden_at = excluded.hidden_at
            where excluded.hidden_at >= coalesce(visitor_products.hidden_at, '-infinity')
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        if ((await _erased.FindAsync(connection, [visitor], cancellation)).Count == 0)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Sql, new { visitor, productId, hidden, at }, cancellationToken: cancellation));
        }
    }

    /// <summary>
    /// Histories after a cursor, by visitor: of every customer, and of browsers that were seen lately.
    /// </summary>
    /// <param name="after">The cursor: visitors greater than it.</param>
    /// <param name="seenSince">Browsers not seen since then are passed over, and carts not touched since then.</param>
    /// <param name="count">Most histories.</param>
    /// <param name="cancellation">Cancels it.</param>
    public Task<VisitorHistories> ReadAfterAsync(
        string after, DateTimeOffset seenSince, int count, CancellationToken cancellation)
    {
        const string Wanted = """
            visitor in (
                select visitor from visitor_products
                where visitor > @after and (visitor like 'c:%' or last_at > @seenSince)
                group by visitor
                order by visitor
                limit @count)
            """;

        return ReadAsync(Wanted, "left join visitor_segments", new { after, seenSince, count }, cancellation);
    }

    /// <summary>Histories of some visitors; one without history is missing, unless the segment is known.</summary>
    public Task<VisitorHistories> ReadAsync(
        IReadOnlyCollection<string> visitors, DateTimeOffset seenSince, CancellationToken cancellation) =>
        ReadAsync(
            "visitor = any(@Visitors)",
            "full join (select * from visitor_segments where visitor = any(@Visitors))",
            new { Visitors = visitors.ToArray(), seenSince },
            cancellation);

    /// <summary>Deletes a customer and their browsers, and remembers that they are gone.</summary>
    /// <returns>The visitors that were deleted.</returns>
    public async Task<IReadOnlyCollection<string>> EraseAsync(
        InboxEntry message, string customerId, IReadOnlyCollection<string> anonymousIds, CancellationToken cancellation)
    {
        const string Browsers = "delete from identities where customer_id = @customerId returning anonymous_id";
        const string Delete = """
            delete from visitor_products where visitor = any(@Visitors);
            delete from visitor_segments where visitor = any(@Visitors);
            """;

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

        await UpsertTouchesAsync(connection, kept, cancellation);
        await UpsertDaysAsync(connection, [.. messages.SelectMany(message => message.Days)], cancellation);
        await BasketStore.AddAsync(
            connection, [.. messages.Select(message => message.Basket).OfType<Basket>()], cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // The ticket is taken before the histories are read, each statement seeing what is committed by then: whoever has a
    // higher ticket has seen at least as much.
    private async Task<VisitorHistories> ReadAsync(
        string wanted, string segments, object parameters, CancellationToken cancellation)
    {
        var sql = $$"""
            select nextval('tickets');
            with histories as (
                select visitor,
                       array_agg(product_id order by last_at desc, product_id) filter (where not hidden) as products,
                       array_agg(
                           case when bought then {{(int)Interest.Bought}}
                                when cart_at is not null then {{(int)Interest.Carted}}
                                when wished then {{(int)Interest.Wished}}
                                else {{(int)Interest.Seen}} end
                           order by last_at desc, product_id) filter (where not hidden) as interests,
                       array_agg(product_id) filter (where bought) as bought,
                       array_agg(product_id) filter (where hidden) as hidden,
                       array_agg(product_id) filter (where in_cart and cart_at > @seenSince) as carried
                from visitor_products
                where {{wanted}}
                group by visitor
            )
            select visitor,
                   coalesce(products, '{}') as products,
                   coalesce(interests, '{}') as interests,
                   coalesce(bought, '{}') as bought,
                   coalesce(hidden, '{}') as hidden,
                   coalesce(carried, '{}') as carried,
                   coalesce(segment, 0) as segment
            from histories {{segments}} as segments using (visitor)
            order by visitor
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(
            sql, parameters, cancellationToken: cancellation));
        var ticket = await results.ReadSingleAsync<long>();
        return new VisitorHistories(ticket, (await results.ReadAsync<VisitorHistory>()).AsList());
    }

    // Rows are written in key order, so that two consumers never wait for each other in a circle.
    private static async Task UpsertTouchesAsync(
        NpgsqlConnection connection, IEnumerable<ProductTouch> touches, CancellationToken cancellation)
    {
        // Of two statements about the cart at the same instant, out wins: in whichever order they arrive.
        const string Sql = """
            insert into visitor_products (visitor, product_id, bought, wished, last_at, in_cart, cart_at)
            select * from unnest(@Visitors, @Products, @Bought, @Wished, @Times, @InCart, @CartTimes)
            on conflict (visitor, product_id) do update
            set bought = visitor_products.bought or excluded.bought,
                wished = visitor_products.wished or excluded.wished,
                last_at = greatest(visitor_products.last_at, excluded.last_at),
                in_cart = case
                    when excluded.cart_at is null then visitor_products.in_cart
                    when excluded.cart_at > coalesce(visitor_products.cart_at, '-infinity') then excluded.in_cart
                    when excluded.cart_at = visitor_products.cart_at
                        then excluded.in_cart and visitor_products.in_cart
                    else visitor_products.in_cart end,
                cart_at = greatest(visitor_products.cart_at, excluded.cart_at)
            """;

        var rows = touches
            .GroupBy(touch => (touch.Visitor, touch.ProductId))
            .OrderBy(group => group.Key.Visitor, StringComparer.Ordinal)
            .ThenBy(group => group.Key.ProductId, StringComparer.Ordinal)
            .Select(group => new TouchRow(group.Key.Visitor, group.Key.ProductId, [.. group]))
            .ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Visitors = rows.Select(row => row.Visitor).ToArray(),
                Products = rows.Select(row => row.ProductId).ToArray(),
                Bought = rows.Select(row => row.Touches.Any(touch => touch.Kind == TouchKind.Bought)).ToArray(),
                Wished = rows.Select(row => row.Touches.Any(touch => touch.Kind == TouchKind.Wished)).ToArray(),
                Times = rows.Select(row => row.Touches.Max(touch => touch.At)).ToArray(),
                InCart = rows.Select(row => row.LastOfCart?.Kind == TouchKind.Added).ToArray(),
                CartTimes = rows.Select(row => row.LastOfCart?.At).ToArray(),
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
        InboxEntry Entry,
        IReadOnlyCollection<ProductTouch> Touches,
        IReadOnlyCollection<ProductDay> Days,
        Basket? Basket);

    private sealed record TouchRow(string Visitor, string ProductId, IReadOnlyList<ProductTouch> Touches)
    {
        // Whether the product is in the cart: what is newest, out before in.
        public ProductTouch? LastOfCart => Touches
            .Where(touch => touch.IsOfCart)
            .OrderBy(touch => touch.At)
            .ThenBy(touch => touch.Kind == TouchKind.Added ? 0 : 1)
            .LastOrDefault();
    }
}

/// <summary>A visitor touched a product.</summary>
internal sealed record ProductTouch(string Visitor, string ProductId, TouchKind Kind, DateTimeOffset At)
{
    /// <summary>Whether it tells what is in the cart.</summary>
    public bool IsOfCart => Kind is TouchKind.Added or TouchKind.Removed or TouchKind.Bought;
}

/// <summary>How a product was touched.</summary>
internal enum TouchKind
{
    /// <summary>Looked at, clicked, reviewed.</summary>
    Seen,

    /// <summary>Put on the wish list.</summary>
    Wished,

    /// <summary>Put into the cart.</summary>
    Added,

    /// <summary>Taken out of the cart.</summary>
    Removed,

    /// <summary>Bought; it is no longer in the cart then.</summary>
    Bought,
}

/// <summary>How much a visitor showed of liking a product, the strongest last.</summary>
internal enum Interest
{
    /// <summary>Looked at, clicked, reviewed.</summary>
    Seen,

    /// <summary>Put on the wish list.</summary>
    Wished,

    /// <summary>Was put into the cart at some time.</summary>
    Carted,

    /// <summary>Bought.</summary>
    Bought,
}

/// <summary>What happened to a product on a day of event time (UTC).</summary>
internal sealed record ProductDay(string ProductId, DateOnly Day)
{
    public int Orders { get; init; }

    public int Carts { get; init; }

    public int Views { get; init; }
}

/// <summary>Histories that were read together.</summary>
/// <param name="Ticket">What is made from histories of a higher ticket is newer.</param>
/// <param name="Visitors">By visitor.</param>
internal sealed record VisitorHistories(long Ticket, IReadOnlyList<VisitorHistory> Visitors);

/// <summary>All that a visitor touched.</summary>
internal sealed record VisitorHistory
{
    public required string Visitor { get; init; }

    /// <summary>Newest first, without what is hidden.</summary>
    public required string[] Products { get; init; }

    /// <summary>The strongest <see cref="Interest"/> in each of the products.</summary>
    public required int[] Interests { get; init; }

    public required string[] Bought { get; init; }

    /// <summary>Products that the visitor does not want to see.</summary>
    public required string[] Hidden { get; init; }

    /// <summary>Products in the cart.</summary>
    public required string[] Carried { get; init; }

    /// <summary>Number of the segment that the customer is in; 0 if unknown.</summary>
    public int Segment { get; init; }
}
