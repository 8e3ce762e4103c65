using System.Globalization;
using Ecom.Algorithms.Recommendation;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>A file of ratings, in the order of its lines.</summary>
/// <param name="Users">User of each rating.</param>
/// <param name="Items">Item of each rating.</param>
/// <param name="Values">Value of each rating, finite.</param>
/// <param name="UserCount">Different users.</param>
/// <param name="ItemCount">Different items.</param>
internal sealed record RatingsFile(int[] Users, int[] Items, float[] Values, int UserCount, int ItemCount)
{
    /// <summary>Reads lines <c>user item rating [more]</c>.</summary>
    /// <remarks>
    /// Separated as the first line is: by <c>::</c>, tab, comma, or else blanks. A first line whose third field is
    /// called rating is a header.
    /// </remarks>
    /// <exception cref="SetupException">Something is missing or no number; the message names file and line.</exception>
    public static RatingsFile Read(string path)
    {
        var (userIndex, itemIndex) = (new IdIndex(), new IdIndex());
        var (users, items, values) = (new List<int>(), new List<int>(), new List<float>());
        string[]? separators = null;
        var isFirst = true;
        foreach (var (number, line) in TextLines.Read(path))
        {
            separators ??= SeparatorsOf(line);
            var fields = separators.Length == 0
                ? line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                : line.Split(separators, StringSplitOptions.TrimEntries);
            if (fields.Length < 3 || fields[0].Length == 0 || fields[1].Length == 0)
            {
                throw new SetupException($"{path} line {number}: a line is 'user item rating', this is '{line}'.");
            }

            var isHeader = isFirst && fields[2].Contains("rating", StringComparison.OrdinalIgnoreCase);
            isFirst = false;
            if (isHeader)
            {
                continue;
            }

            users.Add(userIndex.Add(fields[0]));
            items.Add(itemIndex.Add(fields[1]));
            values.Add(Value(fields[2], path, number));
        }

        return values.Count > 0
            ? new RatingsFile([.. users], [.. items], [.. values], userIndex.Count, itemIndex.Count)
            : throw new SetupException($"{path}: no ratings in it.");
    }

    private static string[] SeparatorsOf(string line) =>
        line.Contains("::", StringComparison.Ordinal) ? ["::"]
        : line.Contains('\t', StringComparison.Ordinal) ? ["\t"]
        : line.Contains(',', StringComparison.Ordinal) ? [","]
        : [];

    private static float Value(string field, string path, int number) =>
        float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw new SetupException($"{path} line {number}: the rating '{field}' is no finite number.");
}
