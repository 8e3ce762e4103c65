namespace Ecom.Algorithms.Recommendation;

/// <summary>The numbers of a matrix that decide what a fit on it costs.</summary>
public sealed record DataShape
{
    /// <summary>Rows.</summary>
    public required int Users { get; init; }

    /// <summary>Columns.</summary>
    public required int Items { get; init; }

    /// <summary>Stored entries.</summary>
    public required long Entries { get; init; }

    /// <summary>Σ d² over users with d items: the pairs of items that a walk over all histories sees.</summary>
    public required double PairsByUser { get; init; }

    /// <summary>Σ d² over items with d users.</summary>
    public required double PairsByItem { get; init; }

    /// <summary>Counts a matrix. O(entries).</summary>
    public static DataShape Of(Interactions matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var degrees = new int[matrix.ItemCount];
        foreach (var item in matrix.Items)
        {
            degrees[item]++;
        }

        return new DataShape
        {
            Users = matrix.UserCount,
            Items = matrix.ItemCount,
            Entries = matrix.Count,
            PairsByUser = Enumerable.Range(0, matrix.UserCount).Sum(user => Square(matrix.ItemsOf(user).Length)),
            PairsByItem = degrees.Sum(degree => Square(degree)),
        };
    }

    private static double Square(double value) => value * value;
}
