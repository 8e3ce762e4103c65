namespace Ecom.Algorithms.Numerics;

/// <summary>The standard normal distribution.</summary>
public static class NormalDistribution
{
    private const double DensityAtZero = 0.398942280401432677939946;

    /// <summary>φ(x).</summary>
    public static double Density(double x) => DensityAtZero * Math.Exp(-0.5 * x * x);

    /// <summary>Φ(x), the probability of at most x; absolute error below 1e-14.</summary>
    /// <remarks>Marsaglia, "Evaluating the normal distribution", 2004: a series near 0, a continued fraction
    /// beyond.</remarks>
    public static double Cumulative(double x)
    {
        if (double.IsNaN(x))
        {
            return double.NaN;
        }

        if (Math.Abs(x) > 6)
        {
            var tail = Tail(Math.Abs(x));
            return x > 0 ? 1 - tail : tail;
        }

        var (sum, term) = (x, x);
        for (var n = 3; Math.Abs(term) > 1e-18 * Math.Abs(sum); n += 2)
        {
            term *= x * x / n;
            sum += term;
        }

        return 0.5 + (sum * Density(x));
    }

    /// <summary>The x with Φ(x) = p; relative error about 1e-15.</summary>
    /// <remarks>Wichura, "Algorithm AS 241: the percentage points of the normal distribution", 1988 (PPND16).</remarks>
    /// <param name="p">In (0, 1).</param>
    public static double Quantile(double p)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(p, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(p, 1);
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var central = 0.180625 - (q * q);
            return q * Polynomial(CentralTop, central) / Polynomial(CentralBottom, central);
        }

        var r = Math.Sqrt(-Math.Log(Math.Min(p, 1 - p)));
        var x = r <= 5
            ? Polynomial(MiddleTop, r - 1.6) / Polynomial(MiddleBottom, r - 1.6)
            : Polynomial(FarTop, r - 5) / Polynomial(FarBottom, r - 5);
        return Math.CopySign(x, q);
    }

    /// <summary>E[max(0, Z − x)]: the expected shortage beyond x standard deviations.</summary>
    public static double Loss(double x) => Density(x) - (x * (1 - Cumulative(x)));

    // φ(x) / (x + 1 / (x + 2 / (x + 3 / …))) for x > 6.
    private static double Tail(double x)
    {
        var fraction = x;
        for (var n = 60; n > 0; n--)
        {
            fraction = x + (n / fraction);
        }

        return Density(x) / fraction;
    }

    // Highest power first.
    private static double Polynomial(ReadOnlySpan<double> coefficients, double x)
    {
        var value = 0.0;
        foreach (var coefficient in coefficients)
        {
            value = (value * x) + coefficient;
        }

        return value;
    }

    private static ReadOnlySpan<double> CentralTop =>
    [
        2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
        1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0,
    ];

    private static ReadOnlySpan<double> CentralBottom =>
    [
        5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
        5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1,
    ];

    private static ReadOnlySpan<double> MiddleTop =>
    [
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
        3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0,
    ];

    private static ReadOnlySpan<double> MiddleBottom =>
    [
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
        6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1,
    ];

    private static ReadOnlySpan<double> FarTop =>
    [
        2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
        2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0,
    ];

    private static ReadOnlySpan<double> FarBottom =>
    [
        2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
        1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
    ];
}
