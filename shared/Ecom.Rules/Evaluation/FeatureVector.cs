namespace Ecom.Rules.Evaluation;

/// <summary>Whether a list of the host holds a value. It must not throw; an unknown list holds nothing.</summary>
/// <param name="list">The list's name.</param>
/// <param name="value">The value that is looked for.</param>
public delegate bool ListLookup(string list, string value);

/// <summary>The values that rules are judged by: views of the host's memory, in the slots of the schema.</summary>
/// <param name="numbers">
/// Numbers and booleans (0 is false, everything else true); what is not finite, as NaN, is missing.
/// </param>
/// <param name="texts">Texts; null is missing.</param>
/// <param name="lists">The host's lists; null: all are empty.</param>
public readonly ref struct FeatureVector(
    ReadOnlySpan<double> numbers, ReadOnlySpan<string?> texts, ListLookup? lists = null)
{
    /// <summary>Numbers and booleans by slot.</summary>
    public ReadOnlySpan<double> Numbers { get; } = numbers;

    /// <summary>Texts by slot.</summary>
    public ReadOnlySpan<string?> Texts { get; } = texts;

    /// <summary>The host's lists.</summary>
    public ListLookup? Lists { get; } = lists;
}
