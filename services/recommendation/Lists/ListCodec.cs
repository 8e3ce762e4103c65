using System.Text;

namespace Ecom.Recommendation.Lists;

/// <summary>
/// A list as one binary value: version byte, count, then for each item product id, score, and id of the reason.
/// </summary>
internal static class ListCodec
{
    private const byte Version = 1;

    public static byte[] Encode(IReadOnlyCollection<ListItem> items)
    {
        using var stream = new MemoryStream(capacity: 16 + (items.Count * 24));
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write7BitEncodedInt(items.Count);
        foreach (var item in items)
        {
            writer.Write(item.ProductId);
            writer.Write(item.Score);
            writer.Write(item.BecauseOf ?? string.Empty);
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <returns>Empty for a missing value.</returns>
    /// <exception cref="InvalidDataException">The value was written by a later version.</exception>
    public static IReadOnlyList<ListItem> Decode(byte[]? value)
    {
        if (value is null || value.Length == 0)
        {
            return [];
        }

        using var reader = new BinaryReader(new MemoryStream(value), Encoding.UTF8);
        var version = reader.ReadByte();
        if (version != Version)
        {
            throw new InvalidDataException($"List of version {version}; this service reads {Version}.");
        }

        var items = new ListItem[reader.Read7BitEncodedInt()];
        for (var position = 0; position < items.Length; position++)
        {
            var productId = reader.ReadString();
            var score = reader.ReadSingle();
            var becauseOf = reader.ReadString();
            items[position] = new ListItem(productId, score, becauseOf.Length == 0 ? null : becauseOf);
        }

        return items;
    }
}
