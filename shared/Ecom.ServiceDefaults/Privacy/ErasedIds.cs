using System.Security.Cryptography;
using System.Text;
using Dapper;
using Ecom.ServiceDefaults.Storage;
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
        await using var batch = new NpgsqlBatch(connection);
        var question = Ask(batch, ids);
        if (question.IsEmpty)
        {
            return new HashSet<string>();
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await question.ReadAsync(reader, cancellation);
    }

    /// <summary>Adds the same question to a batch.</summary>
    /// <returns>Reads the answer, when the reader stands before it.</returns>
    public ErasedQuestion Ask(NpgsqlBatch batch, IEnumerable<string?> ids)
    {
        const string Sql = "select id_hash from erased_ids where id_hash = any($1)";

        var byHash = ids
            .Where(id => !string.IsNullOrEmpty(id))
            .Distinct()
            .ToDictionary(id => Convert.ToHexString(Hash(id!)), id => id!);
        byte[][] hashes = [.. byHash.Keys.Select(Convert.FromHexString)];
        batch.Add(Sql, new NpgsqlParameter<byte[][]> { TypedValue = hashes });
        return new ErasedQuestion(byHash);
    }

    private byte[] Hash(string id) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(id));
}

/// <summary>Ids by their hashes, of which it is asked which were erased.</summary>
public sealed class ErasedQuestion
{
    private readonly Dictionary<string, string> _byHash;

    internal ErasedQuestion(Dictionary<string, string> byHash) => _byHash = byHash;

    /// <summary>Whether nothing is asked.</summary>
    internal bool IsEmpty => _byHash.Count == 0;

    /// <summary>Reads the result of the question, and no other.</summary>
    public async Task<IReadOnlySet<string>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var erased = new HashSet<string>();
        while (await reader.ReadAsync(cancellation))
        {
            erased.Add(_byHash[Convert.ToHexString(reader.GetFieldValue<byte[]>(0))]);
        }

        return erased;
    }
}
