using Ecom.Algorithms.Numerics;

namespace Ecom.UnitTests.Algorithms.Numerics;

public sealed class CholeskyTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(224)]
    public void Its_solution_fulfils_the_equations(int n)
    {
        var matrix = PositiveDefinite(n);
        var random = new Random(3);
        var wanted = Enumerable.Range(0, n).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var b = Enumerable.Range(0, n).Select(row => Row(matrix, n, row).Zip(wanted, (a, x) => a * x).Sum()).ToArray();

        Cholesky.Factor(matrix, n);
        Cholesky.Solve(matrix, n, b);

        for (var at = 0; at < n; at++)
        {
            Assert.Equal(wanted[at], b[at], 2e-3f);
        }
    }

    [Fact]
    public void Its_upper_triangle_is_the_factor_of_a_naive_one()
    {
        const int N = 32;
        var matrix = PositiveDefinite(N);
        var naive = Naive(matrix, N);

        // What lies below the diagonal is not read.
        for (var row = 0; row < N; row++)
        {
            matrix.AsSpan(row * N, row).Fill(float.NaN);
        }

        Cholesky.Factor(matrix, N);

        for (var row = 0; row < N; row++)
        {
            for (var column = row; column < N; column++)
            {
                Assert.Equal(naive[(row * N) + column], matrix[(row * N) + column], 1e-3f);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(21)]
    public void A_matrix_that_is_not_positive_definite_is_refused_with_its_row(int row)
    {
        const int N = 32;
        var matrix = new float[N * N];
        for (var at = 0; at < N; at++)
        {
            matrix[(at * N) + at] = at == row ? -1 : 1;
        }

        var refused = Assert.Throws<ArithmeticException>(() => Cholesky.Factor(matrix, N));

        Assert.Contains($"row {row}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_no_register_divides_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Cholesky.Factor(new float[100], 10));

    private static float[] Row(float[] matrix, int n, int row) => matrix[(row * n)..((row + 1) * n)];

    // Y Yᵀ / n + I of random Y.
    private static float[] PositiveDefinite(int n)
    {
        var random = new Random(1);
        var y = Enumerable.Range(0, n * n).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var matrix = new float[n * n];
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column < n; column++)
            {
                var product = Row(y, n, row).Zip(Row(y, n, column), (a, b) => a * b).Sum();
                matrix[(row * n) + column] = (product / n) + (row == column ? 1 : 0);
            }
        }

        return matrix;
    }

    private static float[] Naive(float[] matrix, int n)
    {
        var factor = new float[n * n];
        for (var row = 0; row < n; row++)
        {
            for (var column = row; column < n; column++)
            {
                double rest = matrix[(row * n) + column];
                for (var above = 0; above < row; above++)
                {
                    rest -= factor[(above * n) + row] * (double)factor[(above * n) + column];
                }

                factor[(row * n) + column] = (float)(column == row
                    ? Math.Sqrt(rest)
                    : rest / factor[(row * n) + row]);
            }
        }

        return factor;
    }
}
