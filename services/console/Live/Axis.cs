using System.Text;
using Ecom.Console.Layout;

namespace Ecom.Console.Live;

/// <summary>Geometry of the rate chart.</summary>
internal static class Axis
{
    private static readonly int[] _steps = [1, 2, 5, 10];

    /// <summary>The next of 1, 2, 5 times a power of ten at or above the largest value; at least 1.</summary>
    public static double Top(double largest)
    {
        if (largest <= 1)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(largest)));
        return _steps.Select(step => step * power).First(top => top >= largest);
    }

    /// <summary>An SVG path through the values, the newest at the right; interrupted where a value is null.</summary>
    /// <param name="values">Oldest first.</param>
    /// <param name="capacity">Values that fill the width, at least 2.</param>
    /// <param name="top">The value at the upper edge, above 0.</param>
    /// <param name="width">Width of the plot.</param>
    /// <param name="height">Height of the plot.</param>
    /// <param name="closed">Down to the lower edge at both ends, to be filled.</param>
    public static string Path(
        IReadOnlyList<double?> values, int capacity, double top, double width, double height, bool closed)
    {
        var path = new StringBuilder();
        double? last = null;
        foreach (var (index, value) in values.Index())
        {
            var x = width * (capacity - values.Count + index) / (capacity - 1);
            if (value is null)
            {
                Close();
                continue;
            }

            var y = height * (1 - (value.Value / top));
            if (last is null)
            {
                path.Append(closed ? $"M{Show.Svg(x)} {Show.Svg(height)}L" : "M");
            }
            else
            {
                path.Append('L');
            }

            path.Append(Show.Svg(x)).Append(' ').Append(Show.Svg(y));
            last = x;
        }

        Close();
        return path.ToString();

        void Close()
        {
            if (closed && last is not null)
            {
                path.Append('L').Append(Show.Svg(last.Value)).Append(' ').Append(Show.Svg(height)).Append('Z');
            }

            last = null;
        }
    }
}
