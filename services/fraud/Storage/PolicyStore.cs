using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Ecom.Fraud.Scoring;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Every policy that was in force: by which old decisions are judged again.</summary>
internal sealed class PolicyStore(NpgsqlDataSource database, IOptions<FraudOptions> options, TimeProvider clock)
{
    private const string Current = "select content from policies order by position desc limit 1";

    // They never change, and few are asked for.
    private readonly ConcurrentDictionary<string, CostPolicy?> _known = new(StringComparer.Ordinal);

    /// <summary>Puts the configured costs in force, at the price that a look has.</summary>
    public async Task TakeOverAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var content = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            Current, cancellationToken: cancellation));
        await SetPriceAsync(content is null ? 0 : Read(content).ReviewPrice, cancellation);
    }

    /// <summary>The policy in force.</summary>
    public async Task<CostPolicy> ReadCurrentAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return Read(await connection.QuerySingleAsync<string>(new CommandDefinition(
            Current, cancellationToken: cancellation)));
    }

    /// <summary>Puts another price of a look in force, with the configured costs.</summary>
    public async Task SetPriceAsync(double price, CancellationToken cancellation)
    {
        const string Sql = """
            insert into policies (version, content, made_at)
            select @Version, @content, @now
            where @Version is distinct from (select version from policies order by position desc limit 1)
            """;

        var policy = options.Value.Costs.ToPolicy(price);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Sql,
            new { policy.Version, content = JsonSerializer.Serialize(policy), now = clock.GetUtcNow().UtcDateTime },
            cancellationToken: cancellation));
    }

    /// <returns>Null if no policy of that version was ever in force.</returns>
    public async Task<CostPolicy?> FindAsync(string version, CancellationToken cancellation)
    {
        const string Sql = "select content from policies where version = @version limit 1";

        if (_known.TryGetValue(version, out var known))
        {
            return known;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var content = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            Sql, new { version }, cancellationToken: cancellation));
        return _known[version] = content is null ? null : Read(content);
    }

    private static CostPolicy Read(string content) => JsonSerializer.Deserialize<CostPolicy>(content)!;
}
