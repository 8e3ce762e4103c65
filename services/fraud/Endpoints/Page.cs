namespace Ecom.Fraud.Endpoints;

/// <summary>A part of a list.</summary>
internal sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>What to send as <c>after</c> for the part that follows.</summary>
    public required long Next { get; init; }
}

/// <summary>How lists are paged.</summary>
internal static class Page
{
    private const int Longest = 500;

    /// <summary>What is wrong, by parameter; empty if nothing.</summary>
    public static Dictionary<string, string[]> Problems(long after, int limit)
    {
        var problems = new Dictionary<string, string[]>();
        if (after < 0)
        {
            problems[nameof(after)] = ["Must be 0, or the next of an earlier answer."];
        }

        if (limit is < 1 or > Longest)
        {
            problems[nameof(limit)] = [$"Must be between 1 and {Longest}."];
        }

        return problems;
    }

    /// <summary>A name of an enumeration, in any case; what is wrong goes to the problems.</summary>
    public static T? Parse<T>(string? text, string field, Dictionary<string, string[]> problems)
        where T : struct, Enum
    {
        if (text is null)
        {
            return null;
        }

        if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && char.IsAsciiLetter(text[0]))
        {
            return value;
        }

        problems[field] = [$"One of: {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}."];
        return null;
    }
}
