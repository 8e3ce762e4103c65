using Ecom.Fraud.Payments;

namespace Ecom.UnitTests.Fraud;

public sealed class PackedVectorTests
{
    private static readonly double[] _odd =
    [
        0, -0.0, double.NaN, 1, -1, 63, 64, -64, -65, 127, 128, 1e15, (1L << 53) - 1, 1L << 53, -(1L << 53), 1e300,
        long.MaxValue, long.MinValue, 0.1, -2.5, double.Epsilon, double.MaxValue, double.MinValue,
        double.PositiveInfinity, double.NegativeInfinity, 4_503_599_627_370_496.5,
    ];

    [Fact]
    public void Every_value_comes_back_as_the_same_bits() => AssertSame(_odd);

    [Fact]
    public void Vectors_of_any_length_and_mixture_come_back()
    {
        var random = new Random(3);
        for (var length = 0; length < 300; length++)
        {
            AssertSame([.. Enumerable.Range(0, length).Select(_ => random.Next(5) switch
            {
                0 => double.NaN,
                1 => 0,
                2 => random.Next(100_000),
                3 => random.NextDouble(),
                _ => BitConverter.Int64BitsToDouble(random.NextInt64()) is var any && double.IsNaN(any) ? 7 : any,
            })]);
        }
    }

    [Fact]
    public void A_vector_with_much_that_is_missing_or_small_is_small()
    {
        var random = new Random(4);
        double[] values = [.. Enumerable.Range(0, 125).Select(place => place % 5 == 0 ? double.NaN : random.Next(100))];

        Assert.InRange(PackedVector.Pack(1, values).Length, 100, 200);
    }

    [Fact]
    public void A_cut_one_is_not_read_as_something_else() => Assert.ThrowsAny<ArgumentException>(
        () => PackedVector.Unpack(PackedVector.Pack(1, [0.1, 0.2]).AsSpan(0, 12), 2));

    private static void AssertSame(double[] values)
    {
        var packed = PackedVector.Pack(300, values);

        Assert.Equal(300, PackedVector.NamesOf(packed));
        Assert.Equal(
            values.Select(BitConverter.DoubleToInt64Bits),
            PackedVector.Unpack(packed, values.Length).Select(BitConverter.DoubleToInt64Bits));
    }
}
