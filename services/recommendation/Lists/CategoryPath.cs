namespace Ecom.Recommendation.Lists;

/// <summary>Categories as paths, levels separated by " / ".</summary>
internal static class CategoryPath
{
    /// <summary>Whether a category is one of some or lies below one: "Home" holds "Home / Lights".</summary>
    /// <param name="category">Null lies nowhere.</param>
    /// <param name="wanted">The categories.</param>
    public static bool IsWithin(string? category, IReadOnlyList<string> wanted)
    {
        for (var at = 0; category is not null && at < wanted.Count; at++)
        {
            if (category.StartsWith(wanted[at], StringComparison.OrdinalIgnoreCase)
                && (category.Length == wanted[at].Length
                    || category.AsSpan(wanted[at].Length).TrimStart().StartsWith('/')))
            {
                return true;
            }
        }

        return false;
    }
}
