namespace Ecom.Algorithms.Evaluation;

/// <summary>What was measured on the units (visitors) of one arm.</summary>
/// <param name="Count">Units.</param>
/// <param name="Mean">Mean of their values.</param>
/// <param name="Variance">Variance of their values, at least 0.</param>
public readonly record struct ArmSample(long Count, double Mean, double Variance)
{
    /// <summary>From the sums that a database keeps; unbiased variance, 0 for fewer than two units.</summary>
    /// <param name="count">Units.</param>
    /// <param name="sum">Sum of their values.</param>
    /// <param name="sumOfSquares">Sum of their squared values.</param>
    public static ArmSample Of(long count, double sum, double sumOfSquares)
    {
        var mean = count == 0 ? 0 : sum / count;
        var variance = count < 2 ? 0 : Math.Max(0, (sumOfSquares - (sum * mean)) / (count - 1));
        return new ArmSample(count, mean, variance);
    }
}

/// <summary>A difference of two means with an interval that may be looked at at any time.</summary>
/// <param name="Difference">Mean of the second arm less that of the first.</param>
/// <param name="Low">Lower end; minus infinity while there are too few units.</param>
/// <param name="High">Upper end; infinity while there are too few units.</param>
/// <param name="PValue">Always-valid p-value in (0, 1].</param>
public readonly record struct SequentialDifference(double Difference, double Low, double High, double PValue)
{
    /// <summary>Whether the interval leaves zero out: the stopping rule.</summary>
    public bool IsDecided => Low > 0 || High < 0;
}

/// <summary>
/// Intervals that hold at all times at once, so that looking every minute and stopping at the first significant look
/// keeps the promised error rate.
/// </summary>
/// <remarks>
/// Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence
/// sequences", Annals of Statistics 2024, theorem 2.2: the normal mixture, which is the mSPRT of Johari, Koomen,
/// Pekelis, Walsh, "Always valid inference", Operations Research 2022, with a mixing variance relative to that of the
/// data. It is asymptotic: below <see cref="FewestUnits"/> units an arm no interval is given. O(1), deterministic.
/// </remarks>
public static class SequentialTest
{
    /// <summary>Units that each arm needs before an interval is given.</summary>
    public const int FewestUnits = 100;

    /// <summary>Interval of one mean.</summary>
    /// <param name="sample">The arm.</param>
    /// <param name="alpha">Probability in (0, 1) of ever leaving the truth out, for example 0.05.</param>
    /// <param name="planned">Units at which the interval is to be narrowest, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static ConfidenceInterval OfMean(ArmSample sample, double alpha, double planned)
    {
        if (sample.Count < FewestUnits)
        {
            return new ConfidenceInterval(sample.Mean, double.NegativeInfinity, double.PositiveInfinity);
        }

        var radius = Math.Sqrt(sample.Variance) * UnitRadius(sample.Count, Rho(alpha, planned), alpha);
        return new ConfidenceInterval(sample.Mean, sample.Mean - radius, sample.Mean + radius);
    }

    /// <summary>Interval of the difference of two means.</summary>
    /// <param name="control">First arm.</param>
    /// <param name="treatment">Second arm.</param>
    /// <param name="alpha">Probability in (0, 1) of ever leaving the truth out.</param>
    /// <param name="planned">Units of both arms together at which the interval is to be narrowest, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static SequentialDifference OfDifference(
        ArmSample control, ArmSample treatment, double alpha, double planned)
    {
        // Two arms of n each tell as much of the difference as n / 2 units of one sample.
        var rho = Rho(alpha, Math.Max(1, planned / 4));
        var difference = treatment.Mean - control.Mean;
        if (control.Count < FewestUnits || treatment.Count < FewestUnits)
        {
            return new SequentialDifference(difference, double.NegativeInfinity, double.PositiveInfinity, 1);
        }

        var information = 1 / ((1.0 / control.Count) + (1.0 / treatment.Count));
        var variance = information
            * ((control.Variance / control.Count) + (treatment.Variance / treatment.Count));
        var radius = Math.Sqrt(variance) * UnitRadius(information, rho, alpha);
        return new SequentialDifference(
            difference, difference - radius, difference + radius, PValue(difference, variance, information, rho));
    }

    // Radius for data of variance 1.
    private static double UnitRadius(double count, double rho, double alpha)
    {
        var spread = (count * rho * rho) + 1;
        return Math.Sqrt(2 * spread / (count * count * rho * rho) * Math.Log(Math.Sqrt(spread) / alpha));
    }

    // The mixing standard deviation that makes the interval narrowest at the planned size: to a close approximation.
    private static double Rho(double alpha, double planned)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(alpha, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(alpha, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(planned, 1);
        var evidence = -2 * Math.Log(alpha);
        return Math.Sqrt((evidence + Math.Log(evidence + 1)) / planned);
    }

    private static double PValue(double difference, double variance, double count, double rho)
    {
        if (variance <= 0)
        {
            return 1;
        }

        var spread = (count * rho * rho) + 1;
        var exponent = count * count * rho * rho * difference * difference / (2 * spread * variance);
        return Math.Min(1, Math.Exp((Math.Log(spread) / 2) - exponent));
    }
}
