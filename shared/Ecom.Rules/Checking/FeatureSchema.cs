using System.Collections.Frozen;
using Ecom.Rules.Syntax;

namespace Ecom.Rules.Checking;

/// <summary>What a value can be.</summary>
public enum RuleType
{
    /// <summary>A 64-bit floating point number, finite.</summary>
    Number,

    /// <summary>A text, compared character by character, case and all.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>A feature as rules see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Slot">
/// Where its value stands: in <see cref="Evaluation.FeatureVector.Texts"/> for texts, else in
/// <see cref="Evaluation.FeatureVector.Numbers"/>.
/// </param>
public readonly record struct FeatureSlot(string Name, RuleType Type, int Slot);

/// <summary>The features that rules can name, with their types: given by the host.</summary>
public sealed class FeatureSchema
{
    private readonly FrozenDictionary<string, FeatureSlot> _byName;

    /// <param name="features">
    /// Names and types; the order gives the slots. Throws for a name that rules cannot write, or one given twice.
    /// </param>
    public FeatureSchema(IEnumerable<KeyValuePair<string, RuleType>> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var slots = new List<FeatureSlot>();
        foreach (var (name, type) in features)
        {
            if (!Parser.IsFeatureName(name))
            {
                throw new ArgumentException($"Rules cannot write the name '{name}'.", nameof(features));
            }

            slots.Add(new FeatureSlot(name, type, type == RuleType.Text ? TextCount++ : NumberCount++));
        }

        Features = slots;
        _byName = slots.ToFrozenDictionary(slot => slot.Name, StringComparer.Ordinal);
    }

    /// <summary>All features, in the order given.</summary>
    public IReadOnlyList<FeatureSlot> Features { get; }

    /// <summary>Slots of numbers and booleans.</summary>
    public int NumberCount { get; }

    /// <summary>Slots of texts.</summary>
    public int TextCount { get; }

    /// <summary>A feature by its name; null if there is none.</summary>
    public FeatureSlot? Find(string name) => _byName.TryGetValue(name, out var slot) ? slot : null;

    /// <summary>The name that is nearest to a misspelt one; null if none is near.</summary>
    internal string? Nearest(string name)
    {
        var nearest = Features
            .Select(feature => (feature.Name, Distance: Distance(name, feature.Name)))
            .DefaultIfEmpty((Name: "", Distance: int.MaxValue))
            .MinBy(candidate => candidate.Distance);
        return nearest.Distance <= Math.Max(2, name.Length / 4) ? nearest.Name : null;
    }

    // Levenshtein's distance in one row.
    private static int Distance(string one, string other)
    {
        var row = new int[other.Length + 1];
        for (var j = 0; j <= other.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(
                    Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
