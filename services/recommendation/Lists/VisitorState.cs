using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ecom.Recommendation.Lists;

/// <summary>
/// What a visitor bought, hid and has in the cart, and the segment, as one binary value that is read in place: hashes
/// of ids, 8 bytes a product, sorted.
/// </summary>
/// <remarks>
/// Version byte, ticket (8), numbers of bought, hidden and carried products (2 each), segment (1), hashes.
/// </remarks>
internal readonly ref struct VisitorState
{
    private const byte Version = 1;
    private const int HeadLength = 16;

    private readonly ReadOnlySpan<ulong> _bought;
    private readonly ReadOnlySpan<ulong> _hidden;
    private readonly ReadOnlySpan<ulong> _carried;

    /// <param name="value">What <see cref="Encode"/> made; a missing or foreign value is an empty state.</param>
    public VisitorState(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeadLength || value[0] != Version)
        {
            return;
        }

        Ticket = BinaryPrimitives.ReadInt64LittleEndian(value[1..]);
        int bought = BinaryPrimitives.ReadUInt16LittleEndian(value[9..]);
        int hidden = BinaryPrimitives.ReadUInt16LittleEndian(value[11..]);
        int carried = BinaryPrimitives.ReadUInt16LittleEndian(value[13..]);
        var hashes = MemoryMarshal.Cast<byte, ulong>(value[HeadLength..]);
        if (hashes.Length < bought + hidden + carried)
        {
            return;
        }

        _bought = hashes[..bought];
        _hidden = hashes.Slice(bought, hidden);
        _carried = hashes.Slice(bought + hidden, carried);
        Segment = value[15];
        IsKnown = true;
    }

    public bool IsKnown { get; }

    /// <summary>Tells what the state was made from: see <see cref="Storage.VisitorStore"/>.</summary>
    public long Ticket { get; }

    /// <summary>Number of the segment that the visitor is in; 0 if unknown.</summary>
    public byte Segment { get; }

    public bool HasBought(Product product) => Has(_bought, product);

    /// <summary>Whether the visitor said that the product is of no interest.</summary>
    public bool HasHidden(Product product) => Has(_hidden, product);

    public bool HasInCart(Product product) => Has(_carried, product);

    /// <summary>
    /// At most 65,535 products of each kind, and 255 segments; what is beyond is not kept.
    /// </summary>
    public static byte[] Encode(
        long ticket,
        IEnumerable<string> bought,
        IEnumerable<string> hidden,
        IEnumerable<string> carried,
        int segment = 0)
    {
        ulong[][] parts = [Hashes(bought), Hashes(hidden), Hashes(carried)];
        var value = new byte[HeadLength + (parts.Sum(part => part.Length) * sizeof(ulong))];
        value[0] = Version;
        value[15] = segment > byte.MaxValue ? (byte)0 : (byte)segment;
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1), ticket);
        var at = HeadLength;
        foreach (var (index, part) in parts.Index())
        {
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(9 + (2 * index)), (ushort)part.Length);
            MemoryMarshal.AsBytes<ulong>(part).CopyTo(value.AsSpan(at));
            at += part.Length * sizeof(ulong);
        }

        return value;
    }

    private static ulong[] Hashes(IEnumerable<string> ids) =>
        [.. ids.Take(ushort.MaxValue).Select(id => IdHash.Of(id)).Order()];

    private static bool Has(ReadOnlySpan<ulong> sorted, Product product) =>
        !sorted.IsEmpty && sorted.BinarySearch(product.Hash) >= 0;
}
