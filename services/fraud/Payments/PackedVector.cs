using System.Buffers.Binary;

namespace Ecom.Fraud.Payments;

/// <summary>A vector as it is stored: bit for bit, in some 300 bytes instead of 5,000 as JSON.</summary>
/// <remarks>
/// The number of its names (see <see cref="Storage.VectorStore"/>) as an unsigned LEB128; two bits for each value, four
/// in a byte from the lowest on: 0 missing, 1 zero, 2 a whole number, 3 any other; then the whole numbers as zigzag
/// LEB128 and the others as eight bytes, little-endian, in the order of the values. Most of what is counted is small or
/// missing. A NaN comes back as the one NaN; everything else, -0 too, as the same bits.
/// </remarks>
internal static class PackedVector
{
    private const int Missing = 0;
    private const int Zero = 1;
    private const int Whole = 2;
    private const int Real = 3;
    private const double Largest = 1L << 53;

    /// <summary>Writes a vector.</summary>
    /// <param name="names">Number of its names, not negative.</param>
    /// <param name="values">NaN is missing.</param>
    public static byte[] Pack(int names, ReadOnlySpan<double> values)
    {
        var kinds = (values.Length + 3) / 4;
        var packed = new byte[5 + kinds + (10 * values.Length)];
        var at = WriteVarint(packed, 0, (ulong)names);
        var kindsAt = at;
        at += kinds;
        for (var place = 0; place < values.Length; place++)
        {
            var value = values[place];
            var kind = KindOf(value);
            packed[kindsAt + (place / 4)] |= (byte)(kind << (2 * (place % 4)));
            if (kind == Whole)
            {
                var whole = (long)value;
                at = WriteVarint(packed, at, (ulong)((whole << 1) ^ (whole >> 63)));
            }
            else if (kind == Real)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(packed.AsSpan(at), value);
                at += sizeof(double);
            }
        }

        return packed[..at];
    }

    /// <summary>The number of a vector's names.</summary>
    public static int NamesOf(ReadOnlySpan<byte> packed) => (int)ReadVarint(ref packed);

    /// <summary>Reads a vector.</summary>
    /// <param name="packed">What <see cref="Pack"/> wrote.</param>
    /// <param name="count">How many names it has.</param>
    public static double[] Unpack(ReadOnlySpan<byte> packed, int count)
    {
        _ = ReadVarint(ref packed);
        var kinds = packed;
        var rest = packed[((count + 3) / 4)..];
        var values = new double[count];
        for (var place = 0; place < count; place++)
        {
            switch ((kinds[place / 4] >> (2 * (place % 4))) & 3)
            {
                case Missing:
                    values[place] = double.NaN;
                    break;
                case Whole:
                    var whole = ReadVarint(ref rest);
                    values[place] = (long)(whole >> 1) ^ -(long)(whole & 1);
                    break;
                case Real:
                    values[place] = BinaryPrimitives.ReadDoubleLittleEndian(rest);
                    rest = rest[sizeof(double)..];
                    break;
            }
        }

        return values;
    }

    private static int KindOf(double value) =>
        double.IsNaN(value) ? Missing
        : BitConverter.DoubleToInt64Bits(value) == 0 ? Zero
        : Math.Abs(value) < Largest && value != 0 && (long)value == value ? Whole
        : Real;

    private static int WriteVarint(byte[] target, int at, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target[at++] = (byte)(value | 0x80);
        }

        target[at++] = (byte)value;
        return at;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = source[0];
            source = source[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
