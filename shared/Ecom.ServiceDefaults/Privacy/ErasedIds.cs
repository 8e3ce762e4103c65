using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Ecom.ServiceDefaults.Privacy;

/// <summary>
/// Ids that asked to be forgotten, as keyed hashes: table <c>erased_ids</c>. Checked before anything about an id is
/// written.
/// </summary>
public sealed class ErasedIds(IOptions<PrivacyOptions> options)
{
    private readonly byte[] _key = Convert.FromBase64String(options.Value.HashKey);

    /// <summary>Remembers ids in the connection's open transaction.</summary>
    public async Task RememberAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        const string Sql = """
            insert into erased_ids (id_hash)
            select * from unnest(@Hashes)
            on conflict do nothing
            """;

        await connection.ExecuteAsync(new CommandDefinition(
            Sql, new { Hashes = ids.Select(Hash).ToArray() }, cancellationToken: cancellation));
    }

    /// <summary>Which of the ids were erased; null and empty ids never were.</summary>
    public async Task<IReadOnlySet<string>> FindAsync(
        NpgsqlConnection connection, IEnumerable<string?> ids, CancellationToken cancellation)
    {
        const string Sql = "select id_hash from erased_ids where id_hash = any(@Hashes)";

        var byHash = ids
            .Where(id => !string.IsNullOrEmpty(id))
            .Distinct()
            .ToDictionary(id => Convert.ToHexString(Hash(id!)), id => id!);
        if (byHash.Count == 0)
        {
            return new HashSet<string>();
        }

        var found = await connection.QueryAsync<byte[]>(new CommandDefinition(
            Sql,
            new { Hashes = byHash.Keys.Select(Convert.FromHexString).ToArray() },
            cancellationToken: cancellation));
        return found.Select(hash => byHash[Convert.ToHexString(hash)]).ToHashSet();
    }

    private byte[] Hash(string id) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(id));
}
