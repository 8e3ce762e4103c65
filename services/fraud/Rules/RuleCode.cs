using System.Text.RegularExpressions;

namespace Ecom.Fraud.Rules;

/// <summary>How rules and lists are named.</summary>
internal static partial class RuleCode
{
    public const string Wanted =
        "Must be 1 to 60 lower-case letters, digits, '_' and '-', with a letter first.";

    public static bool IsRight(string? code) => code is not null && Pattern().IsMatch(code);

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,59}\\z")]
    private static partial Regex Pattern();
}
