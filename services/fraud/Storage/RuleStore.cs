using Dapper;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Rules and their life: draft, shadow, active, retired.</summary>
internal sealed class RuleStore(NpgsqlDataSource database, RuleChanges changes)
{
    /// <summary>How many rules may be active, with those in the shadow.</summary>
    public const int MostLive = 200;

    private const string Columns = """
        code, version, state, expression as "when", weight, action, text, note, author, approver, created_at,
        shadow_at, activated_at, retired_at, retired_by
        """;

    /// <summary>Versions in given states, by code and version.</summary>
    public async Task<IReadOnlyList<StoredRule>> ListAsync(
        IReadOnlyList<string> states, CancellationToken cancellation)
    {
        const string Sql = $"select {Columns} from rules where state = any(@states) order by code, version";

        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<StoredRule>(new CommandDefinition(
            Sql, new { states = states.ToArray() }, cancellationToken: cancellation))];
    }

    /// <summary>Versions of a rule, newest first; empty if there is no such rule.</summary>
    public async Task<IReadOnlyList<StoredRule>> ListVersionsAsync(string code, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await ReadVersionsAsync(connection, code, cancellation);
    }

    /// <summary>One version; null if there is none.</summary>
    public async Task<StoredRule?> FindAsync(string code, int version, CancellationToken cancellation) =>
        (await ListVersionsAsync(code, cancellation)).FirstOrDefault(rule => rule.Version == version);

    /// <summary>Adds the next version of a rule, as a draft.</summary>
    public Task<StoredRule> DraftAsync(
        string code, RuleDefinition definition, string? note, string author, CancellationToken cancellation) =>
        changes.RunAsync(
            async (connection, now) =>
            {
                var before = await ReadVersionsAsync(connection, code, cancellation);
                var draft = RuleLife.Draft(code, definition, note, author, now) with
                {
                    Version = before.Count == 0 ? 1 : before[0].Version + 1,
                };
                await WriteAsync(connection, draft, ("drafted", author, now), cancellation);
                return draft;
            },
            cancellation);

    /// <summary>Changes the versions of a rule as its life allows.</summary>
    /// <param name="code">The rule.</param>
    /// <param name="version">The version that is meant; null for the active one.</param>
    /// <param name="by">Who changes it.</param>
    /// <param name="move">
    /// Gives the versions that change, the one that is answered with last; or why nothing changes.
    /// </param>
    /// <param name="cancellation">Ends the change.</param>
    public Task<ChangeResult<StoredRule>> MoveAsync(
        string code,
        int? version,
        string by,
        Func<IReadOnlyList<StoredRule>, StoredRule, DateTimeOffset, RuleMove> move,
        CancellationToken cancellation) => changes.RunAsync(
        async (connection, now) =>
        {
            var versions = await ReadVersionsAsync(connection, code, cancellation);
            var meant = versions.FirstOrDefault(
                rule => version is null ? rule.State == "active" : rule.Version == version);
            if (meant is null)
            {
                return versions.Count > 0 && version is null
                    ? new ChangeResult<StoredRule>(null, "No version of it is active.")
                    : default;
            }

            var wanted = move(versions, meant, now);
            if (wanted.Refusal is null && await IsOneTooManyAsync(connection, wanted, cancellation))
            {
                return new ChangeResult<StoredRule>(
                    null, $"{MostLive} rules are active or in the shadow, which is the most: retire one first.");
            }

            if (wanted.Changed.Select(ProblemOf).OfType<string>().FirstOrDefault() is { } problem)
            {
                return new ChangeResult<StoredRule>(null, problem);
            }

            foreach (var (index, changed) in wanted.Changed.Index())
            {
                var change = index == wanted.Changed.Count - 1 ? wanted.Change : changed.State;
                await WriteAsync(connection, changed, (change, by, now), cancellation);
            }

            return new ChangeResult<StoredRule>(
                wanted.Changed.Count > 0 ? wanted.Changed[^1] : null, wanted.Refusal);
        },
        cancellation);

    /// <summary>Takes the rules of the configuration over.</summary>
    /// <remarks>
    /// A rule whose content is not that of its newest version by the configuration becomes a new version. It replaces
    /// the active one unless a person activated that one; a draft remains then.
    /// </remarks>
    public Task TakeOverAsync(
        IReadOnlyDictionary<string, RuleOptions> configured, CancellationToken cancellation) => changes.RunAsync(
        async (connection, now) =>
        {
            foreach (var (code, rule) in configured)
            {
                var versions = await ReadVersionsAsync(connection, code, cancellation);
                foreach (var changed in RuleLife.TakeOver(code, rule, versions, now))
                {
                    await WriteAsync(
                        connection, changed, (changed.State, RuleLife.Configuration, now), cancellation);
                }
            }

            return configured.Count;
        },
        cancellation);

    // A rule can outlive a feature that it names: in force it would be left out, and protect nobody.
    private static string? ProblemOf(StoredRule rule)
    {
        var problems = rule.State is "active" or "shadow" ? rule.ToNamed().Rule.Problems(out _) : [];
        return problems.Count == 0
            ? null
            : $"Version {rule.Version} can no longer be judged by: draft it anew. "
                + string.Join(' ', problems.Values.SelectMany(problem => problem));
    }

    private static async Task<IReadOnlyList<StoredRule>> ReadVersionsAsync(
        NpgsqlConnection connection, string code, CancellationToken cancellation)
    {
        const string Sql = $"select {Columns} from rules where code = @code order by version desc";

        return [.. await connection.QueryAsync<StoredRule>(new CommandDefinition(
            Sql, new { code }, cancellationToken: cancellation))];
    }

    private static async Task<bool> IsOneTooManyAsync(
        NpgsqlConnection connection, RuleMove wanted, CancellationToken cancellation)
    {
        const string Sql = "select count(*) from rules where state in ('active', 'shadow')";

        var added = wanted.Changed.Count(rule => rule.State is "active" or "shadow");
        var live = await connection.ExecuteScalarAsync<long>(
            new CommandDefinition(Sql, cancellationToken: cancellation));
        return added > 0 && live + added - (wanted.Changed.Count - added) > MostLive;
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection,
        StoredRule rule,
        (string Change, string By, DateTime At) how,
        CancellationToken cancellation)
    {
        const string Sql = """
            insert into rules (
                code, version, state, expression, weight, action, text, note, author, approver, created_at,
                shadow_at, activated_at, retired_at, retired_by)
            values (
                @Code, @Version, @State, @When, @Weight, @Action, @Text, @Note, @Author, @Approver, @CreatedAt,
                @ShadowAt, @ActivatedAt, @RetiredAt, @RetiredBy)
            on conflict (code, version) do update
            set state = excluded.state,
                approver = excluded.approver,
                shadow_at = excluded.shadow_at,
                activated_at = excluded.activated_at,
                retired_at = excluded.retired_at,
                retired_by = excluded.retired_by
            """;

        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new
            {
                rule.Code,
                rule.Version,
                rule.State,
                rule.When,
                rule.Weight,
                Action = rule.Action.ToString(),
                rule.Text,
                rule.Note,
                rule.Author,
                rule.Approver,
                CreatedAt = rule.CreatedAt.UtcDateTime,
                ShadowAt = rule.ShadowAt?.UtcDateTime,
                ActivatedAt = rule.ActivatedAt?.UtcDateTime,
                RetiredAt = rule.RetiredAt?.UtcDateTime,
                rule.RetiredBy,
            },
            cancellationToken: cancellation));
        await RuleChanges.NoteAsync(connection, ("rule", rule.Code, rule.Version), how, cancellation);
    }
}
