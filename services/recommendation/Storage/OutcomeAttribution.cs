using Dapper;
using Ecom.Recommendation.Outcomes;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>What events are worth to which answers; the SQL of <see cref="OutcomeStore"/>'s transaction.</summary>
internal static class OutcomeAttribution
{
    /// <summary>Notes reactions that name their answer.</summary>
    /// <returns>Those that are new: an answer's product counts one click and one cart.</returns>
    public static async Task<List<Credit>> TouchAsync(
        NpgsqlConnection connection, IReadOnlyCollection<OutcomeEvent> events, CancellationToken cancellation)
    {
        const string Sql = """
            with incoming as (
                select answer_id, product_id, max(customer_id) as customer_id, max(anonymous_id) as anonymous_id,
                       bool_or(clicked) as clicked, bool_or(carted) as carted, min(at) as at
                from unnest(@Answers, @Products, @Customers, @Browsers, @Clicked, @Carted, @Times)
                     as event (answer_id, product_id, customer_id, anonymous_id, clicked, carted, at)
                group by answer_id, product_id
            ), before as (
                select touch.answer_id, touch.product_id, touch.clicked, touch.carted
                from answer_touches touch
                join incoming using (answer_id, product_id)
            ), noted as (
                insert into answer_touches (answer_id, product_id, customer_id, anonymous_id, clicked, carted, first_at)
                select answer_id, product_id, customer_id, anonymous_id, clicked, carted, at from incoming
                on conflict (answer_id, product_id) do update
                set clicked = answer_touches.clicked or excluded.clicked,
                    carted = answer_touches.carted or excluded.carted,
                    first_at = least(answer_touches.first_at, excluded.first_at),
                    customer_id = coalesce(answer_touches.customer_id, excluded.customer_id),
                    anonymous_id = coalesce(answer_touches.anonymous_id, excluded.anonymous_id)
            )
            select incoming.answer_id, incoming.at,
                   incoming.clicked and not coalesce(before.clicked, false) as clicked,
                   incoming.carted and not coalesce(before.carted, false) as carted
            from incoming
            left join before using (answer_id, product_id)
            """;

        var named = events.Where(one => AnswerId.TryRead(one.AnswerId) is not null).ToArray();
        var rows = await connection.QueryAsync<TouchRow>(new CommandDefinition(
            Sql,
            new
            {
                Answers = named.Select(one => one.AnswerId).ToArray(),
                Products = named.Select(one => one.ProductId).ToArray(),
                Customers = named.Select(one => one.CustomerId).ToArray(),
                Browsers = named.Select(one => one.AnonymousId).ToArray(),
                Clicked = named.Select(one => one.Kind == "click").ToArray(),
                Carted = named.Select(one => one.Kind == "cart").ToArray(),
                Times = named.Select(one => one.OccurredAt.ToUniversalTime()).ToArray(),
            },
            cancellationToken: cancellation));
        return
        [
            .. rows.Where(row => row.Clicked || row.Carted).Select(row => new Credit
            {
                Answer = AnswerId.TryRead(row.AnswerId)!,
                At = row.At,
                Clicks = row.Clicked ? 1 : 0,
                Carts = row.Carted ? 1 : 0,
            }),
        ];
    }

    /// <summary>
    /// Finds the answer of carts and orders that name none: the last one whose product the same visitor, as customer
    /// or as a browser of theirs, reacted to within the window before.
    /// </summary>
    public static async Task<IReadOnlyList<Credit>> AttributeAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<OutcomeEvent> events,
        TimeSpan window,
        CancellationToken cancellation)
    {
        const string Sql = """
            select event.kind, event.amount, event.at, touch.answer_id, touch.product_id, touch.carted
            from unnest(@Kinds, @Products, @Customers, @Browsers, @Amounts, @Times)
                 as event (kind, product_id, customer_id, anonymous_id, amount, at)
            cross join lateral (
                select answer_id, product_id, carted
                from answer_touches
                where product_id = event.product_id
                  and (customer_id = event.customer_id
                       or anonymous_id = event.anonymous_id
                       or anonymous_id in (
                           select anonymous_id from identities where customer_id = event.customer_id))
                  and first_at <= event.at and first_at > event.at - @window
                order by first_at desc
                limit 1) touch
            """;
        const string Carted = """
            update answer_touches set carted = true
            from unnest(@Answers, @Products) as found (answer_id, product_id)
            where answer_touches.answer_id = found.answer_id and answer_touches.product_id = found.product_id
            """;

        var open = events.Where(one => one.AnswerId is null).ToArray();
        if (open.Length == 0)
        {
            return [];
        }

        var rows = (await connection.QueryAsync<AttributionRow>(new CommandDefinition(
            Sql,
            new
            {
                Kinds = open.Select(one => one.Kind).ToArray(),
                Products = open.Select(one => one.ProductId).ToArray(),
                Customers = open.Select(one => one.CustomerId).ToArray(),
                Browsers = open.Select(one => one.AnonymousId).ToArray(),
                Amounts = open.Select(one => one.Amount).ToArray(),
                Times = open.Select(one => one.OccurredAt.ToUniversalTime()).ToArray(),
                window,
            },
            cancellationToken: cancellation))).AsList();
        var carts = rows
            .Where(row => row.Kind == "cart" && !row.Carted)
            .DistinctBy(row => (row.AnswerId, row.ProductId))
            .ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Carted,
            new
            {
                Answers = carts.Select(row => row.AnswerId).ToArray(),
                Products = carts.Select(row => row.ProductId).ToArray(),
            },
            cancellationToken: cancellation));
        return [.. carts.Concat(rows.Where(row => row.Kind == "buy")).Select(ToCredit)];
    }

    /// <summary>Adds credits to the numbers of the hour that the answer was given in.</summary>
    public static Task CreditAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Credit> credits, CancellationToken cancellation)
    {
        const string Sql = """
            insert into answer_hours (hour, placement, model_version, experiment, arm, clicks, carts, orders, revenue)
            select * from unnest(@Hours, @Placements, @Models, @Experiments, @Arms, @Clicks, @Carts, @Orders, @Revenues)
            order by 1, 2, 3, 4, 5
            on conflict (hour, placement, model_version, experiment, arm) do update
            set clicks = answer_hours.clicks + excluded.clicks,
                carts = answer_hours.carts + excluded.carts,
                orders = answer_hours.orders + excluded.orders,
                revenue = answer_hours.revenue + excluded.revenue
            """;

        var groups = credits
            .GroupBy(credit => (Hour: Hours.Of(credit.Answer.ServedAt), credit.Answer.Slice))
            .ToArray();
        return connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Hours = groups.Select(group => group.Key.Hour).ToArray(),
                Placements = groups.Select(group => group.Key.Slice.Placement).ToArray(),
                Models = groups.Select(group => group.Key.Slice.ModelVersion).ToArray(),
                Experiments = groups.Select(group => group.Key.Slice.Experiment).ToArray(),
                Arms = groups.Select(group => group.Key.Slice.Arm).ToArray(),
                Clicks = groups.Select(group => group.Sum(credit => credit.Clicks)).ToArray(),
                Carts = groups.Select(group => group.Sum(credit => credit.Carts)).ToArray(),
                Orders = groups.Select(group => group.Sum(credit => credit.Orders)).ToArray(),
                Revenues = groups.Select(group => group.Sum(credit => credit.Revenue)).ToArray(),
            },
            cancellationToken: cancellation));
    }

    private static Credit ToCredit(AttributionRow row) => new()
    {
        Answer = AnswerId.TryRead(row.AnswerId)!,
        At = row.At,
        Carts = row.Kind == "cart" ? 1 : 0,
        Orders = row.Kind == "buy" ? 1 : 0,
        Revenue = row.Kind == "buy" ? row.Amount : 0,
    };

    private sealed record TouchRow
    {
        public required string AnswerId { get; init; }

        public required DateTimeOffset At { get; init; }

        public required bool Clicked { get; init; }

        public required bool Carted { get; init; }
    }

    private sealed record AttributionRow
    {
        public required string Kind { get; init; }

        public required long Amount { get; init; }

        public required DateTimeOffset At { get; init; }

        public required string AnswerId { get; init; }

        public required string ProductId { get; init; }

        public required bool Carted { get; init; }
    }
}

/// <summary>What an event is worth to an answer.</summary>
internal sealed record Credit
{
    public required AnswerId Answer { get; init; }

    /// <summary>Event time.</summary>
    public required DateTimeOffset At { get; init; }

    public long Clicks { get; init; }

    public long Carts { get; init; }

    /// <summary>Order lines.</summary>
    public long Orders { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public long Revenue { get; init; }
}
