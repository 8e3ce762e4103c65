namespace Ecom.Ingestion.Vocabulary;

/// <summary>Category paths in one spelling: levels separated by " / ".</summary>
internal static class Categories
{
    private static readonly char[] _separators = ['/', '>'];

    /// <summary>"Home>Kitchen" and "Home / Kitchen" are one category; null if no level is left.</summary>
    public static string? Clean(string? category)
    {
        if (category is null || category.AsSpan().IndexOfAny('/', '>') < 0)
        {
            return category;
        }

        var path = string.Join(" / ", category.Split(
            _separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return path.Length == 0 ? null : path;
    }
}
