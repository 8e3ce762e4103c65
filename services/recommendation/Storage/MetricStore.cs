using Dapper;
using Ecom.Contracts.Models;
using Ecom.Recommendation.Outcomes;
using Ecom.ServiceDefaults.Messaging;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Reads what came of answers; announces the quality of models from it: table <c>measurements</c>.</summary>
internal sealed class MetricStore(NpgsqlDataSource database, Outbox outbox)
{
    /// <summary>Numbers by day of the answer and slice, oldest day first.</summary>
    /// <param name="from">First day.</param>
    /// <param name="to">Last day, included.</param>
    /// <param name="placement">One placement; null for all.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<IReadOnlyList<PlacementDay>> ReadDaysAsync(
        DateOnly from, DateOnly to, string? placement, CancellationToken cancellation)
    {
        const string Sql = """
            with numbers as (
                select (hour at time zone 'UTC')::date as day, placement, model_version, experiment, arm,
                       sum(answers)::bigint as answers, sum(impressions)::bigint as impressions,
                       sum(empty)::bigint as empty, sum(degraded)::bigint as degraded, sum(slow)::bigint as slow,
                       sum(clicks)::bigint as clicks, sum(carts)::bigint as carts, sum(orders)::bigint as orders,
                       sum(revenue)::bigint as revenue
                from answer_hours
                where hour >= @From and hour < @Until and (@placement::text is null or placement = @placement)
                group by 1, 2, 3, 4, 5
            ), shown as (
                select day, placement, model_version, experiment, arm, count(*) as products_shown
                from shown_products
                where day >= @From and day < @Until
                group by 1, 2, 3, 4, 5
            )
            select to_char(numbers.day, 'YYYY-MM-DD') as day, numbers.placement, numbers.model_version,
                   numbers.experiment, numbers.arm, answers, impressions, empty, degraded, slow, clicks, carts, orders,
                   revenue, coalesce(products_shown, 0) as products_shown,
                   (select count(*) from products where active) as catalogue
            from numbers
            left join shown using (day, placement, model_version, experiment, arm)
            order by 1, 2, 3, 4, 5
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<PlacementDay>(new CommandDefinition(
            Sql,
            new
            {
                From = new DateTimeOffset(from.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
                Until = new DateTimeOffset(to.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
                placement,
            },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>
    /// Announces each model's click-through rate over the hours since its last measurement, once they hold enough
    /// answers or a day has gone by.
    /// </summary>
    /// <param name="until">End of the last hour whose clicks have come in.</param>
    /// <param name="fewest">Answers that make a measurement before a day has gone by.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <returns>Measurements announced.</returns>
    public async Task<int> MeasureAsync(DateTimeOffset until, int fewest, CancellationToken cancellation)
    {
        const string Open = """
            select model_version as version, min(hour) as from, sum(answers)::bigint as answers,
                   sum(impressions)::bigint as impressions, sum(clicks)::bigint as clicks
            from answer_hours
            where model_version > 0 and hour < @until
              and hour >= coalesce(
                  (select max(to_at) from measurements made where made.model_version = answer_hours.model_version),
                  '-infinity')
            group by model_version
            having sum(answers) >= @fewest or (min(hour) <= @DayBefore and sum(answers) > 0)
            """;
        const string Note = """
            insert into measurements (model_version, from_at, to_at, answers)
            values (@Version, @From, @until, @Answers)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var open = (await connection.QueryAsync<OpenWindow>(new CommandDefinition(
            Open,
            new { until, fewest, DayBefore = until - TimeSpan.FromDays(1) },
            cancellationToken: cancellation))).AsList();
        foreach (var window in open)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                Note, new { window.Version, window.From, until, window.Answers }, cancellationToken: cancellation));
        }

        await outbox.AddAsync(
            connection,
            [.. open.Select(window => new OutboxMessage(Guid.CreateVersion7(), ToMessage(window, until)))],
            cancellation);
        await transaction.CommitAsync(cancellation);
        return open.Count;
    }

    private static ModelOutcomesMeasured ToMessage(OpenWindow window, DateTimeOffset until) => new()
    {
        Model = Composition.Model,
        Version = window.Version,
        Metrics = new Dictionary<string, double>
        {
            ["clickThroughRate"] = (double)window.Clicks / Math.Max(1, window.Impressions),
        },
        SampleSize = (int)Math.Min(int.MaxValue, window.Answers),
        From = window.From,
        To = until,
    };

    private sealed record OpenWindow
    {
        public required int Version { get; init; }

        public required DateTimeOffset From { get; init; }

        public required long Answers { get; init; }

        public required long Impressions { get; init; }

        public required long Clicks { get; init; }
    }
}
