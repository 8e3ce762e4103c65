using Dapper;
using Ecom.Contracts.Behaviour;
using Ecom.Contracts.Customers;
using Ecom.Contracts.Orders;
using Ecom.ServiceDefaults.Messaging;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Profiling.Storage;

/// <summary>
/// What customers did: tables <c>customers</c>, <c>orders</c>, <c>cancelled_orders</c>, <c>refunds</c>.
/// </summary>
internal sealed class CustomerStore
{
    private const int MostMessages = 64;

    // What is redelivered adds no row, so it marks nobody and is announced to nobody a second time.
    private const string MarkIfAdded = """
        insert into customers (customer_id, changed, live)
        select @Customer, true, @Live from added where @Customer is not null
        on conflict (customer_id) do update set changed = true, live = customers.live or excluded.live
        """;

    private readonly NpgsqlDataSource _database;
    private readonly ErasedIds _erased;
    private readonly MessageGroups<Visits> _groups;

    public CustomerStore(NpgsqlDataSource database, ErasedIds erased)
    {
        _database = database;
        _erased = erased;
        _groups = new MessageGroups<Visits>(MostMessages, RecordTogetherAsync);
    }

    public Task AddOrderAsync(OrderPlaced order, CancellationToken cancellation)
    {
        const string Insert = """
            with added as (
                insert into orders (order_id, customer_id, placed_at, spent, products)
                values (@OrderId, @Customer, @PlacedAt, @Spent, @Products)
                on conflict (order_id) do nothing
                returning 1
            )

            """;

        return ApplyAsync(
            Insert + MarkIfAdded,
            order.CustomerId,
            gone => new
            {
                order.OrderId,
                Customer = gone ? null : order.CustomerId,
                order.PlacedAt,
                Spent = order.Total.BaseAmount,
                Products = order.Lines.Select(line => line.ProductId).ToArray(),
                Live = !order.Backfill,
            },
            cancellation);
    }

    /// <summary>Notes that an order is void, whichever of the two messages comes first.</summary>
    public Task CancelOrderAsync(OrderCancelled cancelled, CancellationToken cancellation)
    {
        const string Cancel = """
            with added as (
                insert into cancelled_orders (order_id) values (@OrderId) on conflict do nothing returning 1
            )
            update customers set changed = true, live = live or @Live
            where exists (select from added)
              and customer_id = (select customer_id from orders where order_id = @OrderId)
            """;

        return ApplyAsync(
            Cancel, cancelled.CustomerId, _ => new { cancelled.OrderId, Live = !cancelled.Backfill }, cancellation);
    }

    public Task AddRefundAsync(OrderRefunded refund, CancellationToken cancellation)
    {
        const string Insert = """
            with added as (
                insert into refunds (refund_id, customer_id, amount)
                select @RefundId, @Customer, @Amount where @Customer is not null
                on conflict (refund_id) do nothing
                returning 1
            )

            """;

        return ApplyAsync(
            Insert + MarkIfAdded,
            refund.CustomerId,
            gone => new
            {
                refund.RefundId,
                Customer = gone ? null : refund.CustomerId,
                Amount = refund.Total.BaseAmount,
                Live = !refund.Backfill,
            },
            cancellation);
    }

    public Task IdentifyAsync(CustomerIdentified identified, CancellationToken cancellation)
    {
        const string Upsert = """
            insert into customers (customer_id, country, registered_at, changed, live)
            select @Customer, @Country, @RegisteredAt, true, @Live where @Customer is not null
            on conflict (customer_id) do update
            set country = coalesce(excluded.country, customers.country),
                registered_at = coalesce(excluded.registered_at, customers.registered_at),
                changed = true, live = customers.live or excluded.live
            """;

        return ApplyAsync(
            Upsert,
            identified.CustomerId,
            gone => new
            {
                Customer = gone ? null : identified.CustomerId,
                identified.Country,
                identified.RegisteredAt,
                Live = !identified.Backfill,
            },
            cancellation);
    }

    /// <summary>
    /// Counts a message's visits of known customers once, together with other messages'. A visit is nothing to act on,
    /// so it is not announced.
    /// </summary>
    public Task RecordVisitsAsync(
        InboxEntry entry, IReadOnlyCollection<Interaction> interactions, CancellationToken cancellation) =>
        _groups.WriteAsync(new Visits(entry, interactions), cancellation);

    /// <summary>Marks everybody who ordered: the shop's time moved on, and with it their recency.</summary>
    public async Task MarkAgedAsync(CancellationToken cancellation)
    {
        const string Sql = """
            update customers set changed = true
            where not changed and exists (select from orders o where o.customer_id = customers.customer_id)
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Sql, cancellationToken: cancellation));
    }

    /// <summary>Marks every customer, so that all profiles are made anew.</summary>
    public async Task MarkAllAsync(CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "update customers set changed = true where not changed", cancellationToken: cancellation));
    }

    /// <summary>How many customers there are, and how many wait for their profile.</summary>
    public async Task<ProfileBacklog> ReadBacklogAsync(CancellationToken cancellation)
    {
        const string Sql = """
            select count(*) as customers, count(*) filter (where changed) as waiting from customers
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<ProfileBacklog>(new CommandDefinition(
            Sql, cancellationToken: cancellation));
    }

    /// <summary>The day of the shop's newest order; null before the first.</summary>
    public async Task<DateOnly?> ReadNewestDayAsync(CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<DateOnly?>(new CommandDefinition(
            "select (max(placed_at) at time zone 'utc')::date from orders", cancellationToken: cancellation));
    }

    /// <summary>Deletes a customer; their orders stay as baskets of nobody.</summary>
    public async Task EraseAsync(string customerId, CancellationToken cancellation)
    {
        const string Delete = """
            update orders set customer_id = null where customer_id = @customerId;
            delete from refunds where customer_id = @customerId;
            delete from customers where customer_id = @customerId;
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await _erased.RememberAsync(connection, [customerId], cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Delete, new { customerId }, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    private async Task RecordTogetherAsync(IReadOnlyList<Visits> group, CancellationToken cancellation)
    {
        const string Upsert = """
            insert into customers (customer_id, last_seen_at, views, carts, seen)
            select customer_id, last_seen_at, views, carts, true
            from unnest(@Customers, @Times, @Views, @Carts) as visit (customer_id, last_seen_at, views, carts)
            on conflict (customer_id) do update
            set last_seen_at = greatest(customers.last_seen_at, excluded.last_seen_at),
                views = customers.views + excluded.views, carts = customers.carts + excluded.carts,
                seen = true
            """;

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var added = await InboxEntry.RecordAsync(connection, group.Select(message => message.Entry), cancellation);
        var interactions = group
            .Where(message => added.Contains(message.Entry))
            .DistinctBy(message => message.Entry)
            .SelectMany(message => message.Interactions)
            .ToArray();
        var gone = await _erased.FindAsync(connection, interactions.Select(item => item.CustomerId), cancellation);

        // In key order, so that two consumers never wait for each other in a circle.
        var visits = interactions
            .Where(item => !gone.Contains(item.CustomerId!))
            .GroupBy(item => item.CustomerId!)
            .OrderBy(visit => visit.Key, StringComparer.Ordinal)
            .ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Upsert,
            new
            {
                Customers = visits.Select(visit => visit.Key).ToArray(),
                Times = visits.Select(visit => visit.Max(item => item.OccurredAt)).ToArray(),
                Views = visits.Select(visit => visit.LongCount(IsView)).ToArray(),
                Carts = visits.Select(visit => visit.LongCount(IsCart)).ToArray(),
            },
            cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    private async Task ApplyAsync(
        string sql, string? customerId, Func<bool, object> parameters, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var gone = await _erased.FindAsync(connection, [customerId], cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            sql, parameters(gone.Count > 0), cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    private static bool IsView(Interaction item) => item.Kind == InteractionKind.ProductViewed;

    private static bool IsCart(Interaction item) => item.Kind == InteractionKind.ProductAdded;

    private sealed record Visits(InboxEntry Entry, IReadOnlyCollection<Interaction> Interactions);
}

/// <summary>How far profiles are.</summary>
internal sealed record ProfileBacklog
{
    /// <summary>Profiles that wait to be made anew.</summary>
    public required long Waiting { get; init; }

    /// <summary>Customers known.</summary>
    public required long Customers { get; init; }
}
