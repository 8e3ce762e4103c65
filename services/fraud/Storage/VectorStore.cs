using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Ecom.Fraud.Payments;
using Npgsql;

namespace Ecom.Fraud.Storage;

/// <summary>Vectors as they stand in <c>decisions</c>: packed, with their names once in <c>vector_names</c>.</summary>
/// <remarks>Decisions of releases before the packed form have their vector as JSON.</remarks>
internal sealed class VectorStore(NpgsqlDataSource database)
{
    // They never change, and there are as many as releases with other features.
    private readonly ConcurrentDictionary<VectorNames, int> _numbers = new();
    private readonly ConcurrentDictionary<int, VectorNames> _names = new();
    private VectorNames? _ofJson;

    /// <summary>The stored form of a vector; its names are kept before.</summary>
    public async ValueTask<byte[]> PackAsync(NamedVector vector, CancellationToken cancellation)
    {
        if (!_numbers.TryGetValue(vector.Names, out var number))
        {
            _numbers[vector.Names] = number = await KeepAsync(vector.Names, cancellation);
        }

        return PackedVector.Pack(number, vector.Values);
    }

    /// <summary>A stored vector: one of its two forms.</summary>
    /// <param name="packed">Column <c>packed_vector</c>.</param>
    /// <param name="json">Column <c>vector</c>, if the other is null.</param>
    /// <param name="cancellation">Ends a look for names.</param>
    public async ValueTask<NamedVector> ReadAsync(byte[]? packed, string? json, CancellationToken cancellation)
    {
        if (packed is null)
        {
            return OfJson(json ?? "{}");
        }

        var number = PackedVector.NamesOf(packed);
        if (!_names.TryGetValue(number, out var names))
        {
            _names[number] = names = await FindAsync(number, cancellation);
        }

        return new NamedVector(names, PackedVector.Unpack(packed, names.All.Count));
    }

    // Rows of one release have the same names: they share them.
    private NamedVector OfJson(string json)
    {
        var numbers = JsonSerializer.Deserialize<Dictionary<string, double?>>(json)!;
        var names = _ofJson is { } known && known.All.SequenceEqual(numbers.Keys)
            ? known
            : _ofJson = new VectorNames([.. numbers.Keys]);
        return new NamedVector(names, [.. numbers.Values.Select(value => value ?? double.NaN)]);
    }

    private async Task<int> KeepAsync(VectorNames names, CancellationToken cancellation)
    {
        const string Sql = """
            insert into vector_names (digest, names) values (@digest, @all) on conflict (digest) do nothing;
            select number from vector_names where digest = @digest;
            """;

        string[] all = [.. names.All];
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', all))));
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            Sql, new { digest, all }, cancellationToken: cancellation));
    }

    private async Task<VectorNames> FindAsync(int number, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return new VectorNames(await connection.QuerySingleAsync<string[]>(new CommandDefinition(
            "select names from vector_names where number = @number", new { number }, cancellationToken: cancellation)));
    }
}
