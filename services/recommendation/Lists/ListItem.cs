namespace Ecom.Recommendation.Lists;

/// <summary>One product of a list that is the same for everybody.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Score">What it is ranked by; comparable within one list only.</param>
internal readonly record struct ListItem(string ProductId, float Score);
