namespace Ecom.Recommendation.Lists;

/// <summary>One product of a list that is the same for everybody.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Score">What it is ranked by; comparable within one list only.</param>
internal readonly record struct ListItem(string ProductId, float Score);

/// <summary>A list that is the same for everybody of a segment.</summary>
/// <param name="Number">Stands for the segment in <see cref="VisitorState"/>; never 0.</param>
/// <param name="Name">The segment, as profiling names it.</param>
/// <param name="Items">Best first.</param>
internal sealed record SegmentItems(byte Number, string Name, IReadOnlyList<ListItem> Items);
