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
}
