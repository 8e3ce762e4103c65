using System.Text.Json;
using Dapper;
using Ecom.Recommendation.Rules;
using Npgsql;

namespace Ecom.Recommendation.Storage;

/// <summary>Business rules and their states: table <c>rules</c>.</summary>
internal sealed class RuleStore(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = """
        select rule as number, version, state, body::text as body, changed_by, changed_at from rules
        """;

    /// <summary>Rules, newest first.</summary>
    public Task<IReadOnlyList<Rule>> ReadAllAsync(int limit, CancellationToken cancellation) =>
        ReadAsync("order by rule desc limit @limit", new { limit }, cancellation);

    public Task<IReadOnlyList<Rule>> ReadActiveAsync(CancellationToken cancellation) =>
        ReadAsync("where state = 'active'", null, cancellation);

    /// <summary>The rules with some numbers; one that there is not is missing.</summary>
    public Task<IReadOnlyList<Rule>> ReadAsync(long[] numbers, CancellationToken cancellation) =>
        ReadAsync("where rule = any(@numbers)", new { numbers }, cancellation);

    public async Task<Rule?> FindAsync(long number, CancellationToken cancellation) =>
        (await ReadAsync("where rule = @number", new { number }, cancellation)).SingleOrDefault();

    public async Task<Rule> AddAsync(RulePlan plan, string who, CancellationToken cancellation)
    {
        const string Sql = """
            insert into rules (version, state, body, changed_by, changed_at)
            values (1, 'draft', @body::jsonb, @who, @now)
            returning rule
            """;

        var body = JsonSerializer.Serialize(plan, JsonSerializerOptions.Web);
        return (await ChangeAsync(
            "drafted", Sql, new { body, who, now = clock.GetUtcNow() }, who, cancellation))!;
    }

    /// <summary>Changes a draft; null when it is no draft, or a running experiment tries it.</summary>
    public Task<Rule?> PutAsync(long number, RulePlan plan, string who, CancellationToken cancellation)
    {
        const string Sql = """
            update rules
            set version = version + 1, body = @body::jsonb, changed_by = @who, changed_at = @now
            where rule = @number and state = 'draft'
              and not exists (
                  select from experiments, jsonb_array_elements(experiments.body -> 'arms') as arm
                  where experiments.state = 'running' and arm -> 'rules' @> to_jsonb(@number))
            returning rule
            """;

        var body = JsonSerializer.Serialize(plan, JsonSerializerOptions.Web);
        return ChangeAsync(
            "drafted", Sql, new { number, body, who, now = clock.GetUtcNow() }, who, cancellation);
    }

    /// <summary>Moves a rule from one state to another; null when it is in another one.</summary>
    public Task<Rule?> MoveAsync(
        long number, string from, string to, string action, string who, CancellationToken cancellation)
    {
        const string Sql = """
            update rules
            set version = version + 1, state = @to, changed_by = @who, changed_at = @now
            where rule = @number and state = @from
            returning rule
            """;

        return ChangeAsync(
            action, Sql, new { number, from, to, who, now = clock.GetUtcNow() }, who, cancellation);
    }

    private async Task<Rule?> ChangeAsync(
        string action, string sql, object parameters, string who, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ChangeStore.LockAsync(connection, cancellation);
        if (await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            sql, parameters, cancellationToken: cancellation)) is not { } number)
        {
            return null;
        }

        var row = await connection.QuerySingleAsync<RuleRow>(new CommandDefinition(
            $"{Columns} where rule = @number", new { number }, cancellationToken: cancellation));
        var change = new Change
        {
            Kind = "rule",
            Subject = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Version = row.Version,
            Action = action,
            Body = JsonSerializer.Deserialize<JsonElement>(row.Body),
            ChangedBy = who,
            ChangedAt = clock.GetUtcNow(),
        };
        await ChangeStore.AddAsync(connection, change, cancellation);
        await transaction.CommitAsync(cancellation);
        return ToRule(row);
    }

    private async Task<IReadOnlyList<Rule>> ReadAsync(
        string where, object? parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<RuleRow>(new CommandDefinition(
            $"{Columns} {where}", parameters, cancellationToken: cancellation));
        return [.. rows.Select(ToRule)];
    }

    private static Rule ToRule(RuleRow row) => new()
    {
        Number = row.Number,
        Version = row.Version,
        State = row.State,
        Plan = JsonSerializer.Deserialize<RulePlan>(row.Body, JsonSerializerOptions.Web)!,
        ChangedBy = row.ChangedBy,
        ChangedAt = row.ChangedAt,
    };

    private sealed record RuleRow
    {
        public required long Number { get; init; }

        public required int Version { get; init; }

        public required string State { get; init; }

        public required string Body { get; init; }

        public required string ChangedBy { get; init; }

        public required DateTimeOffset ChangedAt { get; init; }
    }
}
