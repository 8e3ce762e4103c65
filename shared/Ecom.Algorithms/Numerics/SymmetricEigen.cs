namespace Ecom.Algorithms.Numerics;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix, in double precision.</summary>
internal static class SymmetricEigen
{
    /// <summary>By Householder tridiagonalisation and implicit QL. O(n³).</summary>
    /// <remarks>
    /// Source: Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric matrices", Numerische
    /// Mathematik 11, 1968 (tred2, tql2).
    /// </remarks>
    /// <param name="matrix">n × n, row-major.</param>
    /// <param name="n">Its size.</param>
    /// <returns>Values, descending; vectors as columns, row-major.</returns>
    public static (double[] Values, double[] Vectors) Of(double[] matrix, int n)
    {
        var z = (double[])matrix.Clone();
        var (d, e) = (new double[n], new double[n]);
        Tridiagonalise(z, n, d, e);
        Diagonalise(z, n, d, e);
        var order = Enumerable.Range(0, n).OrderByDescending(at => d[at]).ToArray();
        var vectors = new double[n * n];
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column < n; column++)
            {
                vectors[(row * n) + column] = z[(row * n) + order[column]];
            }
        }

        return (Array.ConvertAll(order, at => d[at]), vectors);
    }

    private static void Tridiagonalise(double[] z, int n, double[] d, double[] e)
    {
        for (var i = n - 1; i > 0; i--)
        {
            var scale = 0.0;
            for (var k = 0; k < i; k++)
            {
                scale += Math.Abs(z[(i * n) + k]);
            }

            d[i] = 0;
            if (i == 1 || scale == 0)
            {
                e[i] = z[(i * n) + i - 1];
                continue;
            }

            d[i] = Reflect(z, n, e, i, scale);
        }

        d[0] = 0;
        e[0] = 0;
        for (var i = 0; i < n; i++)
        {
            Accumulate(z, n, d, i);
        }
    }

    private static double Reflect(double[] z, int n, double[] e, int i, double scale)
    {
        var h = 0.0;
        for (var k = 0; k < i; k++)
        {
            z[(i * n) + k] /= scale;
            h += z[(i * n) + k] * z[(i * n) + k];
        }

        var f = z[(i * n) + i - 1];
        var g = f >= 0 ? -Math.Sqrt(h) : Math.Sqrt(h);
        e[i] = scale * g;
        h -= f * g;
        z[(i * n) + i - 1] = f - g;
        f = 0;
        for (var j = 0; j < i; j++)
        {
            z[(j * n) + i] = z[(i * n) + j] / h;
            g = 0;
            for (var k = 0; k <= j; k++)
            {
                g += z[(j * n) + k] * z[(i * n) + k];
            }

            for (var k = j + 1; k < i; k++)
            {
                g += z[(k * n) + j] * z[(i * n) + k];
            }

            e[j] = g / h;
            f += e[j] * z[(i * n) + j];
        }

        var half = f / (h + h);
        for (var j = 0; j < i; j++)
        {
            f = z[(i * n) + j];
            g = e[j] - (half * f);
            e[j] = g;
            for (var k = 0; k <= j; k++)
            {
                z[(j * n) + k] -= (f * e[k]) + (g * z[(i * n) + k]);
            }
        }

        return h;
    }

    private static void Accumulate(double[] z, int n, double[] d, int i)
    {
        if (d[i] != 0)
        {
            for (var j = 0; j < i; j++)
            {
                var g = 0.0;
                for (var k = 0; k < i; k++)
                {
                    g += z[(i * n) + k] * z[(k * n) + j];
                }

                for (var k = 0; k < i; k++)
                {
                    z[(k * n) + j] -= g * z[(k * n) + i];
                }
            }
        }

        d[i] = z[(i * n) + i];
        z[(i * n) + i] = 1;
        for (var j = 0; j < i; j++)
        {
            z[(j * n) + i] = 0;
            z[(i * n) + j] = 0;
        }
    }

    private static void Diagonalise(double[] z, int n, double[] d, double[] e)
    {
        const int MostSteps = 60;
        for (var i = 1; i < n; i++)
        {
            e[i - 1] = e[i];
        }

        e[n - 1] = 0;
        for (var l = 0; l < n; l++)
        {
            for (var step = 0; ; step++)
            {
                var m = l;
                while (m < n - 1 && Math.Abs(e[m]) > 1e-15 * (Math.Abs(d[m]) + Math.Abs(d[m + 1])))
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                if (step == MostSteps)
                {
                    throw new ArithmeticException("The eigenvalues did not converge.");
                }

                ShiftAndRotate(z, n, d, e, l, m);
            }
        }
    }

    private static void ShiftAndRotate(double[] z, int n, double[] d, double[] e, int l, int m)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        var r = Math.Sqrt((g * g) + 1);
        g = d[m] - d[l] + (e[l] / (g + Math.CopySign(r, g)));
        var (s, c, p) = (1.0, 1.0, 0.0);
        int i;
        for (i = m - 1; i >= l; i--)
        {
            var f = s * e[i];
            var b = c * e[i];
            r = Math.Sqrt((f * f) + (g * g));
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                break;
            }

            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            for (var k = 0; k < n; k++)
            {
                f = z[(k * n) + i + 1];
                z[(k * n) + i + 1] = (s * z[(k * n) + i]) + (c * f);
                z[(k * n) + i] = (c * z[(k * n) + i]) - (s * f);
            }
        }

        if (r == 0 && i >= l)
        {
            return;
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }
}
