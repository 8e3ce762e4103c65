using System.Runtime.InteropServices;
using System.Text;

namespace Ecom.Algorithms.Recommendation;

/// <summary>The binary form of a recommender: "ECRM", version, kind, item ids, then what the kind needs.</summary>
/// <remarks>Little-endian. Item ids lie within, so an artefact needs nothing beside it.</remarks>
public static class RecommenderFormat
{
    private const uint Magic = 0x4D524345; // "ECRM"
    private const int Version = 1;

    /// <summary>Restores what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Not such an artefact, a newer version, an unknown kind, or cut
    /// short.</exception>
    public static IRecommender Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadUInt32() != Magic)
            {
                throw new InvalidDataException("Not a recommender: the signature is missing.");
            }

            var version = reader.ReadInt32();
            if (version != Version)
            {
                throw new InvalidDataException($"Recommender format {version} is not known; this is {Version}.");
            }

            var kind = reader.ReadString();
            return ReadBody(kind, reader, ReadIds(reader));
        }
        catch (EndOfStreamException cut)
        {
            throw new InvalidDataException("The recommender is cut short.", cut);
        }
    }

    /// <summary>Writes a model, item ids included.</summary>
    public static void Write(this IRecommender recommender, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(recommender);
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(recommender.Kind);
        writer.Write(recommender.ItemIds.Count);
        foreach (var id in recommender.ItemIds)
        {
            writer.Write(id);
        }

        recommender.WriteBody(writer);
    }

    internal static IRecommender ReadBody(string kind, BinaryReader reader, string[] itemIds) => kind switch
    {
        Popularity.KindName => Popularity.ReadBody(reader, itemIds),
        ItemNeighbours.KindName or RandomWalk.KindName => ItemSimilarity.ReadBody(kind, reader, itemIds),
        AlternatingLeastSquares.KindName => AlternatingLeastSquares.ReadBody(reader, itemIds),
        SessionNeighbours.KindName => SessionNeighbours.ReadBody(reader, itemIds),
        SequentialRules.KindName => SequentialRules.ReadBody(reader, itemIds),
        ContentSimilarity.KindName => ContentSimilarity.ReadBody(reader, itemIds),
        CoPurchase.KindName => CoPurchase.ReadBody(reader, itemIds),
        AutoencoderRecommender.KindName => AutoencoderRecommender.ReadBody(reader, itemIds),
        NeuralFactors.KindName => NeuralFactors.ReadBody(reader, itemIds),
        LinearAutoencoder.KindName => LinearAutoencoder.ReadBody(reader, itemIds),
        UserNeighbours.KindName => UserNeighbours.ReadBody(reader, itemIds),
        PairwiseRanking.KindName => PairwiseRanking.ReadBody(reader, itemIds),
        SpectralFilter.KindName => SpectralFilter.ReadBody(reader, itemIds),
        BehaviourModel.KindName => BehaviourModel.ReadBody(reader, itemIds),
        Blend.KindName => Blend.ReadBody(reader, itemIds),
        _ => throw new InvalidDataException($"No recommender is called '{kind}'."),
    };

    internal static void WriteArray<T>(BinaryWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        writer.Write(values.Length);
        writer.Write(MemoryMarshal.AsBytes(values));
    }

    /// <exception cref="InvalidDataException">The array has not the length that it must have.</exception>
    internal static T[] ReadArray<T>(BinaryReader reader, long expectedLength)
        where T : unmanaged
    {
        var length = reader.ReadInt32();
        if (length != expectedLength)
        {
            throw new InvalidDataException($"An array of {length} entries stands where {expectedLength} belong.");
        }

        var values = new T[length];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static string[] ReadIds(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count < 0)
        {
            throw new InvalidDataException("The number of items is negative.");
        }

        // Grown as it is read: a damaged count must not allocate gigabytes before the end of the stream is seen.
        var ids = new List<string>(Math.Min(count, 65_536));
        for (var item = 0; item < count; item++)
        {
            ids.Add(reader.ReadString());
        }

        return [.. ids];
    }
}
