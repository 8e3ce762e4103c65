namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>What the default pipeline tries of each method: the same for every data set.</summary>
internal static class SearchSpaces
{
    /// <summary>Most items for which a dense items × items matrix is solved: beyond it fits take minutes and artefacts
    /// half a gibibyte.</summary>
    public const int MostItemsOfAutoencoder = 8_000;

    /// <summary>What is tried where a method's first setting fits the memory.</summary>
    public static IReadOnlyList<SearchSpace> For(DataShape shape, long mostBytes) =>
        [.. All(shape).Where(space => RecipeCosts.OfFit(space.Start, shape).Bytes <= mostBytes)];

    private static IEnumerable<SearchSpace> All(DataShape shape)
    {
        yield return new(ItemNeighbours.KindName,
        [
            new("weighting", [0, 1, 2], 1),
            new("neighbours", [20, 50, 100, 200, 500, 1_000], 2),
            new("shrinkage", [0, 5, 20, 100], 0),
        ]);
        yield return new(RandomWalk.KindName,
        [
            new("alpha", [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2], 3),
            new("userAlpha", [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2], 3),
            new("beta", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1], 4),
            new("neighbours", [50, 100, 200, 500, 1_000], 2),
        ]);
        yield return new(UserNeighbours.KindName,
        [
            new("neighbours", [50, 100, 200, 500, 1_000], 2),
            new("shrinkage", [0, 5, 20], 1),
        ]);
        yield return new(AlternatingLeastSquares.KindName,
        [
            new("unobserved", [0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8], 5),
            new("regularisation", [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1], 4),
            new("factors", [32, 64, 128, 192, 256], 1),
        ]);
        yield return new(SpectralFilter.KindName,
        [
            new("rank", [32, 64, 128, 256, 384, 512], 3),
            new("exponent", [0, 0.25, 0.5], 2),
        ]);
        if (shape.Items <= MostItemsOfAutoencoder)
        {
            yield return new(LinearAutoencoder.KindName,
            [
                new("regularisation", [10, 20, 50, 100, 200, 350, 500, 700, 1_000, 1_500, 2_500, 5_000], 6),
                new("dropout", [0, 0.1, 0.25, 0.5, 1], 0),
            ]);
        }
    }
}
