using Ecom.Algorithms.Recommendation;
using Ecom.Cli.Infrastructure;

namespace Ecom.Cli.Evaluate;

/// <summary>Lines <c>user item item …</c>, separated by tabs where a line has one, else by blanks or commas.</summary>
internal static class InteractionFile
{
    private const int LongestId = 100;

    /// <summary>The users' items in the order of the file; ids are added to the indexes.</summary>
    /// <exception cref="SetupException">An id is too long, or the file holds nothing.</exception>
    public static List<(int User, int Item)> Read(string path, IdIndex users, IdIndex items)
    {
        var pairs = new List<(int, int)>();
        foreach (var (number, text) in TextLines.Read(path))
        {
            var fields = Fields(text);
            if (Array.Find(fields, field => field.Length > LongestId) is not null)
            {
                throw new SetupException($"{path}, line {number}: an id of more than {LongestId} characters.");
            }

            // A user without items is nobody to learn from, and no error.
            for (var at = 1; at < fields.Length; at++)
            {
                pairs.Add((users.Add(fields[0]), items.Add(fields[at])));
            }
        }

        return pairs.Count > 0
            ? pairs
            : throw new SetupException($"{path}: no line 'user item …' in it.");
    }

    private static string[] Fields(string text)
    {
        const StringSplitOptions Clean = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return text.Contains('\t', StringComparison.Ordinal)
            ? text.Split('\t', Clean)
            : text.Split([' ', ','], Clean);
    }
}
