using System.Text;

namespace Ecom.Recommendation.Lists;

/// <summary>
/// Lists that are the same for everybody, or for everybody of a segment, as one binary value: version byte, then a
/// count, then product ids and scores; of segments a count, then number, name and list of each.
/// </summary>
internal static class ListCodec
{
    private const byte Version = 3;

    public static byte[] Encode(IReadOnlyCollection<ListItem> items) => Encode(writer => WriteItems(writer, items));

    public static byte[] Encode(IReadOnlyCollection<SegmentItems> segments) => Encode(writer =>
    {
        writer.Write7BitEncodedInt(segments.Count);
        foreach (var segment in segments)
        {
            writer.Write(segment.Number);
            writer.Write(segment.Name);
            WriteItems(writer, segment.Items);
        }
    });

    /// <returns>Empty for a missing value, or one of another version: it is written anew within seconds.</returns>
    public static IReadOnlyList<ListItem> Decode(byte[]? value) => ReaderOf(value) is { } reader
        ? ReadItems(reader)
        : [];

    /// <returns>Null for a missing value, or one of another version.</returns>
    public static IReadOnlyList<SegmentItems>? DecodeSegments(byte[]? value)
    {
        if (ReaderOf(value) is not { } reader)
        {
            return null;
        }

        var segments = new SegmentItems[reader.Read7BitEncodedInt()];
        for (var position = 0; position < segments.Length; position++)
        {
            segments[position] = new SegmentItems(reader.ReadByte(), reader.ReadString(), ReadItems(reader));
        }

        return segments;
    }

    private static byte[] Encode(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static void WriteItems(BinaryWriter writer, IReadOnlyCollection<ListItem> items)
    {
        writer.Write7BitEncodedInt(items.Count);
        foreach (var item in items)
        {
            writer.Write(item.ProductId);
            writer.Write(item.Score);
        }
    }

    // Behind the version byte; nothing of a memory stream needs to be disposed of.
    private static BinaryReader? ReaderOf(byte[]? value) => value is [Version, ..]
        ? new BinaryReader(new MemoryStream(value, 1, value.Length - 1), Encoding.UTF8)
        : null;

    private static ListItem[] ReadItems(BinaryReader reader)
    {
        var items = new ListItem[reader.Read7BitEncodedInt()];
        for (var position = 0; position < items.Length; position++)
        {
            items[position] = new ListItem(reader.ReadString(), reader.ReadSingle());
        }

        return items;
    }
}
