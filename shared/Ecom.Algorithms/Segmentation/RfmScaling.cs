namespace Ecom.Algorithms.Segmentation;

/// <summary>Makes recency, frequency and money comparable: log1p, then z-scores.</summary>
/// <param name="Means">Mean of log1p of each of the three.</param>
/// <param name="Deviations">Standard deviation (n in the denominator) of each; 1 where all are equal.</param>
public sealed record RfmScaling(double[] Means, double[] Deviations)
{
    /// <summary>Recency, frequency, monetary.</summary>
    public const int Dimensions = 3;

    /// <summary>Learns means and deviations. Without rows means are 0 and deviations 1.</summary>
    public static RfmScaling Fit(IReadOnlyCollection<RfmValues> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (means, deviations) = (new double[Dimensions], new double[Dimensions]);
        var count = Math.Max(1, rows.Count);
        foreach (var row in rows)
        {
            for (var axis = 0; axis < Dimensions; axis++)
            {
                means[axis] += Log(row, axis) / count;
            }
        }

        foreach (var row in rows)
        {
            for (var axis = 0; axis < Dimensions; axis++)
            {
                deviations[axis] += Math.Pow(Log(row, axis) - means[axis], 2) / count;
            }
        }

        return new RfmScaling(
            means, Array.ConvertAll(deviations, variance => variance > 1e-20 ? Math.Sqrt(variance) : 1));
    }

    /// <summary>The three z-scores of one row.</summary>
    public double[] Transform(RfmValues row)
    {
        var point = new double[Dimensions];
        for (var axis = 0; axis < Dimensions; axis++)
        {
            point[axis] = (Log(row, axis) - Means[axis]) / Deviations[axis];
        }

        return point;
    }

    /// <summary>The z-scores of all rows, row-major.</summary>
    public double[] Transform(IReadOnlyCollection<RfmValues> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.SelectMany(Transform)];
    }

    // A customer whose refunds outweigh the orders counts like one who spent nothing.
    private static double Log(RfmValues row, int axis) => Math.Log(1 + Math.Max(0, axis switch
    {
        0 => row.RecencyDays,
        1 => row.Frequency,
        _ => row.Monetary,
    }));
}
