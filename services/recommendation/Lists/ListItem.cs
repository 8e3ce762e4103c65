namespace Ecom.Recommendation.Lists;

/// <summary>One product of a precomputed list.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Score">The model's score; comparable within one list only.</param>
/// <param name="BecauseOf">The product of the visitor's history that weighed most; null if none did.</param>
internal readonly record struct ListItem(string ProductId, float Score, string? BecauseOf);
