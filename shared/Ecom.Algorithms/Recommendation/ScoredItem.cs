namespace Ecom.Algorithms.Recommendation;

/// <summary>An item and how well it fits.</summary>
/// <param name="Item">Index of the item.</param>
/// <param name="Score">Higher is better; comparable only within one answer.</param>
public readonly record struct ScoredItem(int Item, float Score);

/// <summary>A recommended item with its reason.</summary>
/// <param name="Item">Index of the item.</param>
/// <param name="Score">Higher is better; comparable only within one answer.</param>
/// <param name="Because">The item of the history that contributed most to the score; -1 if none did.</param>
public readonly record struct RecommendedItem(int Item, float Score, int Because);
