namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>What recipes take, foretold before anything is fitted.</summary>
/// <remarks>
/// The terms are those of the methods' documentation; their constants are nanoseconds of a core of the reference
/// machine, fitted to processor time on MovieLens 1M, Amazon Beauty and Gowalla, where a fit took between half and
/// twice of what is foretold. Memory is counted from the arrays. Deterministic: budgets of work rest on it.
/// </remarks>
public static class RecipeCosts
{
    /// <summary>One fit.</summary>
    /// <param name="recipe">Method and parameters.</param>
    /// <param name="shape">The data.</param>
    /// <exception cref="ArgumentException">No method has that name.</exception>
    public static TrainingCost OfFit(Recipe recipe, DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(shape);
        var (users, items, entries) = ((double)shape.Users, (double)shape.Items, (double)shape.Entries);
        var matrix = 16 * entries;
        var neighbours = Math.Min(recipe.Value("neighbours", 100), items);
        var factors = Padded(recipe.Value("factors", 64));
        switch (recipe.Kind)
        {
            case Popularity.KindName:
                return Of(5 * entries, 8 * items);
            case ContentSimilarity.KindName:
                // Some ten attributes an item.
                return Of(500 * items, 400 * items);
            case ItemNeighbours.KindName or RandomWalk.KindName:
                return Of(
                    (5.5 * shape.PairsByUser) + (items * items) + (100 * (entries + (items * neighbours))),
                    (2 * matrix) + (16 * items * neighbours));
            case UserNeighbours.KindName:
                return Of(30 * entries, matrix + (4 * users));
            case PairwiseRanking.KindName:
                return Of(recipe.Value("epochs", 60) * entries * factors * 5.5, 8 * items * factors);
            case LinearAutoencoder.KindName:
                return Of(
                    (3 * shape.PairsByUser) + (0.025 * items * items * items),
                    LinearAutoencoder.PeakBytes(shape.Items));
            case AlternatingLeastSquares.KindName:
                return Of(
                    recipe.Value("iterations", 12)
                        * ((1.8 * entries * factors) + (0.3 * (users + items) * factors * factors)),
                    matrix + (4 * factors * (users + (2 * items))));
            case SpectralFilter.KindName:
                return OfSpectrum(Math.Min(recipe.Value("rank", 256), Math.Min(users, items)), users, items, entries);
            default:
                throw new ArgumentException($"No method is called '{recipe.Kind}'.", nameof(recipe));
        }
    }

    /// <summary>Scores of some users.</summary>
    /// <param name="recipe">Method and parameters.</param>
    /// <param name="shape">The data.</param>
    /// <param name="users">How many users.</param>
    internal static TrainingCost OfScores(Recipe recipe, DataShape shape, int users)
    {
        var items = (double)shape.Items;
        // The length of a history, as often as it is met in one.
        var history = shape.PairsByUser / Math.Max(1, shape.Entries);
        var factors = Padded(recipe.Value("factors", 64));
        var own = recipe.Kind switch
        {
            ItemNeighbours.KindName or RandomWalk.KindName => history * recipe.Value("neighbours", 200),
            UserNeighbours.KindName => (2 * shape.PairsByItem / Math.Max(1, shape.Users)) + (5.0 * shape.Users)
                + (2 * history * recipe.Value("neighbours", 200)),
            LinearAutoencoder.KindName => 0.1 * history * items,
            AlternatingLeastSquares.KindName =>
                (0.06 * factors * factors * (history + factors)) + (0.08 * items * factors),
            ContentSimilarity.KindName => history * items,
            PairwiseRanking.KindName => 0.25 * items * factors,
            SpectralFilter.KindName => 0.04 * items * recipe.Value("rank", 256),
            _ => 0,
        };
        return Of(users * (own + (1.3 * items)), 64 * items);
    }

    private static TrainingCost OfSpectrum(double rank, double users, double items, double entries)
    {
        const double Passes = 8;
        var width = Math.Min(rank + 32, items);
        return Of(
            (Passes * width * ((0.6 * entries) + (0.2 * items * width) + (10 * (users + items))))
                + (12 * width * width * width),
            (16 * entries) + (4 * width * (users + (4 * items))));
    }

    private static double Padded(double factors) => Numerics.Vectors.Padded((int)factors);

    private static TrainingCost Of(double nanoseconds, double bytes) =>
        TrainingCost.OfSeconds(nanoseconds / 1e9, bytes);
}
