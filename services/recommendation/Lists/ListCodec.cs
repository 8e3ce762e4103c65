using System.Text;

namespace Ecom.Recommendation.Lists;

/// <summary>
/// A list that is the same for everybody as one binary value: version byte, count, then product ids and scores.
/// </summary>
internal static class ListCodec
{
    private const byte Version = 3;

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
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <returns>Empty for a missing value, or one of another version: it is written anew within seconds.</returns>
    public static IReadOnlyList<ListItem> Decode(byte[]? value)
    {
        if (value is null || value.Length == 0 || value[0] != Version)
        {
            return [];
        }

        using var reader = new BinaryReader(new MemoryStream(value), Encoding.UTF8);
        _ = reader.ReadByte();
        var items = new ListItem[reader.Read7BitEncodedInt()];
        for (var position = 0; position < items.Length; position++)
        {
            items[position] = new ListItem(reader.ReadString(), reader.ReadSingle());
        }

        return items;
    }
}
