namespace Ecom.Recommendation.Settings;

/// <summary>What is checked of whatever merchandisers send: errors by JSON path.</summary>
internal static class Checks
{
    private const int LongestText = 100;

    public static void CheckText(this Dictionary<string, string[]> errors, string path, string? text)
    {
        if (text is not { Length: > 0 and <= LongestText })
        {
            errors[path] = [$"1 to {LongestText} characters."];
        }
    }

    /// <summary>A value that is not stated is right.</summary>
    public static void CheckRange(
        this Dictionary<string, string[]> errors, string path, double? value, double least, double most)
    {
        // Not a number fails both comparisons.
        if (value is { } given && !(given >= least && given <= most))
        {
            errors[path] = [FormattableString.Invariant($"Must be between {least:0.####} and {most:0.####}.")];
        }
    }
}
