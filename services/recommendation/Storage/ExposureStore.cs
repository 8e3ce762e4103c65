using Dapper;
using Ecom.Recommendation.Experiments;
using Ecom.Recommendation.Outcomes;
using Ecom.ServiceDefaults.Privacy;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Who was shown which arm, and what they did within the window: table <c>exposures</c>.</summary>
internal sealed class ExposureStore(NpgsqlDataSource database, ErasedIds erased)
{
    /// <summary>Counts answers within experiments, in the connection's transaction.</summary>
    public async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyList<ServedAnswer> answers, CancellationToken cancellation)
    {
        // An experiment that was deleted meanwhile counts no more.
        const string Sql = """
            insert into exposures (experiment, unit, arm, first_at, answers)
            select given.* from unnest(@Experiments, @Units, @Arms, @Times, @Answers)
                as given (experiment, unit, arm, first_at, answers)
            join experiments on experiments.number = given.experiment
            order by 1, 2
            on conflict (experiment, unit) do update
            set answers = exposures.answers + excluded.answers,
                first_at = least(exposures.first_at, excluded.first_at)
            """;

        var within = answers.Where(answer => answer.Id.Experiment > 0).ToArray();
        if (within.Length == 0)
        {
            return;
        }

        var gone = await erased.FindAsync(connection, within.SelectMany(answer => answer.Visitors), cancellation);
        var groups = within
            .Where(answer => !answer.Visitors.Any(gone.Contains))
            .GroupBy(answer => (answer.Id.Experiment, answer.Id.Unit))
            .Select(group => (group.Key, Count: group.LongCount(), First: group.MinBy(one => one.Id.ServedAt)!.Id))
            .ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                Experiments = groups.Select(group => group.Key.Experiment).ToArray(),
                Units = groups.Select(group => group.Key.Unit).ToArray(),
                Arms = groups.Select(group => group.First.Arm).ToArray(),
                Times = groups.Select(group => group.First.ServedAt).ToArray(),
                Answers = groups.Select(group => group.Count).ToArray(),
            },
            cancellationToken: cancellation));
    }

    /// <summary>Adds outcomes that fall into their visitor's window, in the connection's transaction.</summary>
    public static Task CreditAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Credit> credits, CancellationToken cancellation)
    {
        const string Sql = """
            update exposures
            set clicks = exposures.clicks + sums.clicks, carts = exposures.carts + sums.carts,
                orders = exposures.orders + sums.orders, revenue = exposures.revenue + sums.revenue
            from (
                select credit.experiment, credit.unit, sum(credit.clicks)::bigint as clicks,
                       sum(credit.carts)::bigint as carts, sum(credit.orders)::bigint as orders,
                       sum(credit.revenue)::bigint as revenue
                from unnest(@Experiments, @Units, @Times, @Clicks, @Carts, @Orders, @Revenues)
                     as credit (experiment, unit, at, clicks, carts, orders, revenue)
                join exposures seen on seen.experiment = credit.experiment and seen.unit = credit.unit
                join experiments on experiments.number = credit.experiment
                where credit.at <= seen.first_at
                    + (experiments.body ->> 'windowHours')::float8 * interval '1 hour'
                group by 1, 2) sums
            where exposures.experiment = sums.experiment and exposures.unit = sums.unit
            """;

        var within = credits.Where(credit => credit.Answer.Experiment > 0).ToArray();
        return within.Length == 0
            ? Task.CompletedTask
            : connection.ExecuteAsync(new CommandDefinition(
                Sql,
                new
                {
                    Experiments = within.Select(credit => credit.Answer.Experiment).ToArray(),
                    Units = within.Select(credit => credit.Answer.Unit).ToArray(),
                    Times = within.Select(credit => credit.At.ToUniversalTime()).ToArray(),
                    Clicks = within.Select(credit => credit.Clicks).ToArray(),
                    Carts = within.Select(credit => credit.Carts).ToArray(),
                    Orders = within.Select(credit => credit.Orders).ToArray(),
                    Revenues = within.Select(credit => credit.Revenue).ToArray(),
                },
                cancellationToken: cancellation));
    }

    /// <summary>What was counted of each arm; an arm without visitors counts zero.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="now">Visitors whose window ended before it are measured.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<IReadOnlyList<ArmCounts>> CountAsync(
        Experiment experiment, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Sql = """
            with visitors as (
                select arm, count(*) as visitors, count(*) filter (where first_at <= @before) as measured,
                       count(*) filter (where first_at <= @before and clicks > 0) as clicked,
                       count(*) filter (where first_at <= @before and carts > 0) as carted,
                       count(*) filter (where first_at <= @before and orders > 0) as bought,
                       coalesce(sum(revenue) filter (where first_at <= @before), 0)::float8 as revenue,
                       coalesce(sum(revenue::float8 * revenue) filter (where first_at <= @before), 0) as squared
                from exposures
                where experiment = @Number
                group by arm
            ), answers as (
                select arm, sum(answers)::bigint as answers, sum(empty)::bigint as empty, sum(slow)::bigint as slow,
                       sum(degraded)::bigint as degraded
                from answer_hours
                where experiment = @Number
                group by arm
            )
            select arm, coalesce(visitors, 0) as visitors, coalesce(measured, 0) as measured,
                   coalesce(clicked, 0) as clicked, coalesce(carted, 0) as carted, coalesce(bought, 0) as bought,
                   coalesce(revenue, 0) as revenue, coalesce(squared, 0) as revenue_squared,
                   coalesce(answers, 0) as answers, coalesce(empty, 0) as empty, coalesce(slow, 0) as slow,
                   coalesce(degraded, 0) as degraded
            from generate_series(0, @Last) as arm
            left join visitors using (arm)
            left join answers using (arm)
            order by arm
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ArmCounts>(new CommandDefinition(
            Sql,
            new
            {
                experiment.Number,
                Last = experiment.Plan.Arms.Count - 1,
                before = now - TimeSpan.FromHours(experiment.Plan.WindowHours),
            },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Forgets visitors.</summary>
    public async Task EraseAsync(IReadOnlyCollection<string> visitors, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            "delete from exposures where unit = any(@Units)",
            new { Units = visitors.Select(RunningExperiment.UnitOf).ToArray() },
            cancellationToken: cancellation));
    }
}
