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
}
