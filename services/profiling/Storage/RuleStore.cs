using Dapper;
using Ecom.Contracts.Catalogue;
using Npgsql;

namespace Ecom.Profiling.Storage;

/// <summary>
/// Baskets, the runs that mine them, and the rules found: <c>rule_runs</c>, <c>rules</c>, <c>products</c>.
/// </summary>
internal sealed class RuleStore(NpgsqlDataSource database)
{
    public async Task NameProductAsync(ProductChanged product, CancellationToken cancellation)
    {
        const string Sql = """
            insert into products (product_id, version, name) values (@ProductId, @Version, @Name)
            on conflict (product_id) do update set version = excluded.version, name = excluded.name
            where products.version < excluded.version
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { product.ProductId, product.Version, product.Name }, cancellationToken: cancellation));
    }

    /// <summary>Baskets of the days before the newest order; cancelled orders are none.</summary>
    public async Task<IReadOnlyList<string[]>> ReadBasketsAsync(int days, CancellationToken cancellation)
    {
        const string Sql = """
            select products from orders
            where placed_at > (select max(placed_at) from orders) - make_interval(days => @days)
              and not exists (select from cancelled_orders x where x.order_id = orders.order_id)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<string[]>(new CommandDefinition(
            Sql, new { days }, cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Asks for a run; one that waits already is that run.</summary>
    public async Task<RuleRun> RequestRunAsync(CancellationToken cancellation)
    {
        const string Sql = """
            insert into rule_runs (state) values ('queued') on conflict do nothing;
            select * from rule_runs where state = 'queued';
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<RuleRun>(new CommandDefinition(Sql, cancellationToken: cancellation));
    }

    /// <summary>The newest runs, newest first.</summary>
    public async Task<IReadOnlyList<RuleRun>> ReadRunsAsync(int count, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<RuleRun>(new CommandDefinition(
            "select * from rule_runs order by run_id desc limit @count",
            new { count },
            cancellationToken: cancellation));
        return rows.AsList();
    }

    /// <summary>Saves a run's rules and ends it; the rules of runs before the last two are deleted.</summary>
    public async Task FinishAsync(RuleRun run, IReadOnlyList<MinedRule> rules, CancellationToken cancellation)
    {
        const string Finish = """
            update rule_runs
            set state = 'succeeded', baskets = @Baskets, rules = @Rules, limit_reached = @LimitReached,
                finished_at = @FinishedAt
            where run_id = @RunId;

            delete from rules where run_id < @RunId - 1;
            """;
        const string Copy = """
            copy rules (run_id, rank, antecedent, consequent, baskets, antecedent_baskets, support, confidence, lift)
            from stdin (format binary)
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var writer = await connection.BeginBinaryImportAsync(Copy, cancellation))
        {
            foreach (var (rank, rule) in rules.Index())
            {
                await writer.StartRowAsync(cancellation);
                await writer.WriteAsync(run.RunId, cancellation);
                await writer.WriteAsync(rank, cancellation);
                await writer.WriteAsync(rule.Antecedent, cancellation);
                await writer.WriteAsync(rule.Consequent, cancellation);
                await writer.WriteAsync(rule.Baskets, cancellation);
                await writer.WriteAsync(rule.AntecedentBaskets, cancellation);
                await writer.WriteAsync(rule.Support, cancellation);
                await writer.WriteAsync(rule.Confidence, cancellation);
                await writer.WriteAsync(rule.Lift, cancellation);
            }

            await writer.CompleteAsync(cancellation);
        }

        await connection.ExecuteAsync(new CommandDefinition(Finish, run, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The newest finished run, all its rules best first, and the names of the products in them.</summary>
    /// <returns>Null before a first run.</returns>
    public async Task<(long RunId, IReadOnlyList<MinedRule> Rules, IReadOnlyDictionary<string, string> Names)?>
        ReadNewestAsync(long knownRunId, CancellationToken cancellation)
    {
        const string Newest = """
            select max(run_id) from rule_runs where state = 'succeeded' having max(run_id) > @knownRunId
            """;
        const string Rules = """
            select antecedent, consequent, baskets, antecedent_baskets, support, confidence, lift
            from rules where run_id = @runId order by rank
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            Newest, new { knownRunId }, cancellationToken: cancellation)) is not { } runId)
        {
            return null;
        }

        var rules = await connection.QueryAsync<MinedRule>(new CommandDefinition(
            Rules, new { runId }, cancellationToken: cancellation));
        var names = await connection.QueryAsync<(string ProductId, string Name)>(new CommandDefinition(
            "select product_id, name from products", cancellationToken: cancellation));
        return (runId, rules.AsList(), names.ToDictionary(row => row.ProductId, row => row.Name));
    }
}

/// <summary>One pass of mining.</summary>
internal sealed record RuleRun
{
    public required long RunId { get; init; }

    /// <summary>queued or succeeded.</summary>
    public required string State { get; init; }

    public required int Baskets { get; init; }

    public required int Rules { get; init; }

    /// <summary>True when the limit on item sets cut the search: raise the support.</summary>
    public required bool LimitReached { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>Who buys all of the left side tends to buy the right side too.</summary>
internal sealed record MinedRule
{
    public required string[] Antecedent { get; init; }

    public required string Consequent { get; init; }

    /// <summary>Baskets with both sides.</summary>
    public required int Baskets { get; init; }

    /// <summary>Baskets with the left side.</summary>
    public required int AntecedentBaskets { get; init; }

    public required double Support { get; init; }

    public required double Confidence { get; init; }

    public required double Lift { get; init; }
}
