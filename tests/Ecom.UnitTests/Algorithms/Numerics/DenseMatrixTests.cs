using Ecom.Algorithms.Numerics;

namespace Ecom.UnitTests.Algorithms.Numerics;

public sealed class DenseMatrixTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 31, 5)]
    [InlineData(65, 97, 300)]
    public void A_product_equals_the_naive_one(int m, int n, int k)
    {
        var (a, b) = (Numbers(m * k, 1), Numbers(k * n, 2));
        var c = Numbers(m * n, 3);
        var expected = Array.ConvertAll(c, value => (double)value);
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var p = 0; p < k; p++)
                {
                    expected[(i * n) + j] -= (double)a[(i * k) + p] * b[(p * n) + j];
                }
            }
        }

        DenseMatrix.MultiplyAdd(a, k, b, n, c, n, m, n, k, -1, threads: 2);

        Assert.All(c.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(300)]
    public void A_matrix_times_its_inverse_is_one(int n)
    {
        var matrix = PositiveDefinite(n);
        var inverse = (float[])matrix.Clone();

        DenseMatrix.Invert(inverse, n, threads: 2);

        var product = new float[n * n];
        DenseMatrix.MultiplyAdd(matrix, n, inverse, n, product, n, n, n, n);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                Assert.Equal(i == j ? 1 : 0, product[(i * n) + j], 1e-3);
            }
        }
    }

    [Fact]
    public void What_is_not_positive_definite_is_refused() =>
        Assert.Throws<ArithmeticException>(() => DenseMatrix.Invert([1, 2, 2, 1], 2, threads: 1));

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        var (one, four) = (PositiveDefinite(200), PositiveDefinite(200));

        DenseMatrix.Invert(one, 200, threads: 1);
        DenseMatrix.Invert(four, 200, threads: 4);

        Assert.Equal(one, four);
    }

    [Fact]
    public void Eigenvectors_rebuild_the_matrix()
    {
        const int N = 12;
        var matrix = Array.ConvertAll(PositiveDefinite(N), value => (double)value);

        var (values, vectors) = SymmetricEigen.Of(matrix, N);

        Assert.Equal(values.OrderDescending(), values);
        for (var i = 0; i < N; i++)
        {
            for (var j = 0; j < N; j++)
            {
                var sum = Enumerable.Range(0, N).Sum(k => vectors[(i * N) + k] * values[k] * vectors[(j * N) + k]);
                Assert.Equal(matrix[(i * N) + j], sum, 1e-9);
            }
        }
    }

    private static float[] PositiveDefinite(int n)
    {
        var root = Numbers(n * n, 5);
        var matrix = new float[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < n; k++)
                {
                    sum += (double)root[(i * n) + k] * root[(j * n) + k];
                }

                matrix[(i * n) + j] = matrix[(j * n) + i] = (float)(sum / n) + (i == j ? 0.5f : 0);
            }
        }

        return matrix;
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
