using System.Text.Json;
using Ecom.Algorithms.Recommendation.Tuning;

namespace Ecom.Training.Trainers;

/// <summary>
/// What a run chose where its options leave a choice. It is kept with the version, so that whoever measures that
/// version's recipe on other data need not search again.
/// </summary>
internal sealed record SettledRecipe
{
    /// <summary>Members and weights of a blend; null for another trainer.</summary>
    public TunedBlend? Blend { get; init; }

    /// <summary>What an event counts by its kind, a purchase 1; null where that was not learnt.</summary>
    public IReadOnlyDictionary<string, double>? EventWeights { get; init; }

    /// <summary>Reads what is kept with a version.</summary>
    /// <param name="json">Null if there was nothing to choose.</param>
    public static SettledRecipe? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<SettledRecipe>(json, JsonSerializerOptions.Web);
}
