using System.Buffers.Binary;

namespace Ecom.Recommendation.Lists;

/// <summary>
/// A list made with a model as one binary value of 7 bytes an item, read in place: items are positions in the model's
/// own list of products.
/// </summary>
/// <remarks>
/// Version byte, ticket (8), number of items (2), number of reasons (1), the reasons (3 each), then for each item its
/// position (3), its score (the upper 3 bytes of a float), and the number of its reason (1; 255 is none). Twenty items
/// with as many reasons are 212 bytes; a hundred with twenty reasons 772.
/// </remarks>
internal readonly ref struct CompactList
{
    private const byte Version = 2;
    private const int HeadLength = 12;
    private const int ReasonLength = 3;
    private const int ItemLength = 7;
    private const byte NoReason = 255;
    private const int MostPositions = 1 << 24;

    private readonly ReadOnlySpan<byte> _reasons;
    private readonly ReadOnlySpan<byte> _items;

    /// <param name="value">What <see cref="Encode"/> made; a missing or foreign value is an empty list.</param>
    public CompactList(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeadLength || value[0] != Version)
        {
            return;
        }

        Ticket = BinaryPrimitives.ReadInt64LittleEndian(value[1..]);
        Count = BinaryPrimitives.ReadUInt16LittleEndian(value[9..]);
        var reasons = value[11] * ReasonLength;
        if (value.Length < HeadLength + reasons + (Count * ItemLength))
        {
            Count = 0;
            return;
        }

        _reasons = value.Slice(HeadLength, reasons);
        _items = value[(HeadLength + reasons)..];
    }

    /// <summary>
    /// An epoch of Redis, for lists of this format: those of another one are made anew like lost ones.
    /// </summary>
    public static string InEpoch(string epoch) => $"{epoch}#{Version}";

    /// <summary>Tells what the list was made from: see <see cref="Storage.VisitorStore"/>.</summary>
    public long Ticket { get; }

    public int Count { get; }

    /// <summary>Position of the item's product in the model.</summary>
    public int ProductAt(int item) => Position(_items[(item * ItemLength)..]);

    public float ScoreAt(int item) => BitConverter.Int32BitsToSingle(
        (_items[(item * ItemLength) + 3] << 8)
        | (_items[(item * ItemLength) + 4] << 16)
        | (_items[(item * ItemLength) + 5] << 24));

    /// <summary>Position of the product that the item is there for; -1 if none.</summary>
    public int ReasonAt(int item)
    {
        var reason = _items[(item * ItemLength) + 6];
        return reason * ReasonLength >= _reasons.Length ? -1 : Position(_reasons[(reason * ReasonLength)..]);
    }

    /// <summary>At most 65,535 items, best first; of more than 255 reasons the later ones are not kept.</summary>
    /// <exception cref="InvalidDataException">The model has more products than three bytes count.</exception>
    public static byte[] Encode(long ticket, IReadOnlyList<ModelItem> items)
    {
        var reasons = new List<int>();
        foreach (var item in items)
        {
            if (item.Product >= MostPositions)
            {
                throw new InvalidDataException($"Lists hold products up to number {MostPositions:N0} of a model.");
            }

            if (item.Because >= 0 && reasons.Count < NoReason && !reasons.Contains(item.Because))
            {
                reasons.Add(item.Because);
            }
        }

        var value = new byte[HeadLength + (reasons.Count * ReasonLength) + (items.Count * ItemLength)];
        value[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1), ticket);
        BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(9), checked((ushort)items.Count));
        value[11] = (byte)reasons.Count;
        var at = HeadLength;
        foreach (var reason in reasons)
        {
            WritePosition(value.AsSpan(at), reason);
            at += ReasonLength;
        }

        foreach (var item in items)
        {
            WritePosition(value.AsSpan(at), item.Product);
            var bits = BitConverter.SingleToInt32Bits(item.Score);
            (value[at + 3], value[at + 4], value[at + 5]) = ((byte)(bits >> 8), (byte)(bits >> 16), (byte)(bits >> 24));
            var reason = item.Because < 0 ? -1 : reasons.IndexOf(item.Because);
            value[at + 6] = reason < 0 ? NoReason : (byte)reason;
            at += ItemLength;
        }

        return value;
    }

    private static int Position(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static void WritePosition(Span<byte> bytes, int position) =>
        (bytes[0], bytes[1], bytes[2]) = ((byte)position, (byte)(position >> 8), (byte)(position >> 16));
}

/// <summary>An item of a list that a model made: positions in the model's products.</summary>
/// <param name="Product">The product.</param>
/// <param name="Score">Comparable within one list only.</param>
/// <param name="Because">The product of the history that weighed most; -1 if none did.</param>
internal readonly record struct ModelItem(int Product, float Score, int Because);
