using System.Globalization;

namespace Ecom.Features.Payments;

/// <summary>Where countries lie, for how fast a customer would have had to travel.</summary>
/// <remarks>
/// One point a country, so distances of neighbours and of large countries say little: rules ask for far ones. Distances
/// are those of great circles on a sphere of 6,371 km (haversine). Immutable and thread-safe.
/// </remarks>
public sealed class CountryTable
{
    private const double EarthRadiusKm = 6_371;
    private readonly Dictionary<string, (double Latitude, double Longitude)> _positions;

    private CountryTable(Dictionary<string, (double, double)> positions) => _positions = positions;

    /// <summary>How many countries it knows.</summary>
    public int Count => _positions.Count;

    /// <summary>Reads a table: lines of <c>code,latitude,longitude</c>, for example <c>GB,54.0,-2.5</c>.</summary>
    /// <param name="lines">The lines; empty ones, and such that begin with #, are passed over.</param>
    /// <exception cref="FormatException">A line is none; says which and why.</exception>
    public static CountryTable Read(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var positions = new Dictionary<string, (double, double)>(StringComparer.Ordinal);
        foreach (var (at, line) in lines.Index())
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var parts = line.Split(',', StringSplitOptions.TrimEntries);
            if (parts.Length != 3 || parts[0].Length != 2 || !parts[0].All(char.IsAsciiLetterUpper)
                || !TryDegrees(parts[1], 90, out var latitude) || !TryDegrees(parts[2], 180, out var longitude))
            {
                throw new FormatException(
                    $"Line {at + 1}, '{line}', is not code,latitude,longitude like GB,54.0,-2.5.");
            }

            if (!positions.TryAdd(parts[0], (latitude, longitude)))
            {
                throw new FormatException($"Line {at + 1}: {parts[0]} is there twice.");
            }
        }

        return new CountryTable(positions);
    }

    /// <summary>Kilometres between two countries.</summary>
    /// <param name="one">ISO 3166-1 code of two letters.</param>
    /// <param name="other">Another.</param>
    /// <returns>NaN if the table lacks one of them.</returns>
    public double DistanceKm(string one, string other)
    {
        if (!_positions.TryGetValue(one, out var from) || !_positions.TryGetValue(other, out var to))
        {
            return double.NaN;
        }

        var (latitude, longitude) = (Radians(to.Latitude - from.Latitude), Radians(to.Longitude - from.Longitude));
        var haversine = Square(Math.Sin(latitude / 2))
            + (Math.Cos(Radians(from.Latitude)) * Math.Cos(Radians(to.Latitude)) * Square(Math.Sin(longitude / 2)));
        return 2 * EarthRadiusKm * Math.Asin(Math.Sqrt(Math.Min(1, haversine)));
    }

    private static bool TryDegrees(string text, double most, out double degrees) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out degrees)
        && Math.Abs(degrees) <= most;

    private static double Radians(double degrees) => degrees * Math.PI / 180;

    private static double Square(double value) => value * value;
}
