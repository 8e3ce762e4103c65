namespace Ecom.Algorithms.Segmentation;

/// <summary>Distances of points with few coordinates, where a plain loop is fastest.</summary>
internal static class Distance
{
    public static double Squared(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var axis = 0; axis < x.Length; axis++)
        {
            var difference = x[axis] - y[axis];
            sum += difference * difference;
        }

        return sum;
    }
}
