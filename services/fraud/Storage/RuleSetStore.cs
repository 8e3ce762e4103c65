using System.Collections.Concurrent;
using Dapper;
using Ecom.Fraud.Rules;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Every set of rules that was in force: what old decisions are judged again by.</summary>
internal sealed class RuleSetStore(NpgsqlDataSource database, TimeProvider clock)
{
    // They never change, and there are as many as changes of rules.
    private readonly ConcurrentDictionary<string, RuleSet?> _known = new(StringComparer.Ordinal);

    /// <summary>Keeps a set, before it decides for the first time.</summary>
    public async Task KeepAsync(RuleSet rules, CancellationToken cancellation)
    {
        const string Sql = """
            insert into rule_sets (version, content, first_used_at)
            values (@Version, @Json, @Now)
            on conflict do nothing
            """;

        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { rules.Version, rules.Json, Now = clock.GetUtcNow().UtcDateTime },
            cancellationToken: cancellation));
        _known[rules.Version] = rules;
    }

    /// <summary>
    /// A set by its version; null if it was in force before sets were kept, or names features that are gone.
    /// </summary>
    public async Task<RuleSet?> FindAsync(string version, CancellationToken cancellation)
    {
        if (_known.TryGetValue(version, out var known))
        {
            return known;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var content = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select content from rule_sets where version = @version",
            new { version },
            cancellationToken: cancellation));

        // A set with features of an older release judges by what it names, but is not the same set any more.
        var found = content is null ? null : RuleSet.OfJson(content);
        return _known[version] = found?.Version == version ? found : null;
    }
}
