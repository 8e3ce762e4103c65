using System.Globalization;

namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>A method with its parameters: what is fitted again on newer data.</summary>
/// <param name="Kind">The method.</param>
/// <param name="Parameters">Its parameters by name; those that are missing have the method's default.</param>
public sealed record Recipe(string Kind, IReadOnlyDictionary<string, double> Parameters)
{
    /// <summary>Whether kinds of behaviour are kept apart: 0 or 1.</summary>
    internal const string Apart = "apart";

    /// <summary>What one event of a kind counts when fitting, and in a history unless that is told apart.</summary>
    internal static string WeightOf(string kind) => "weight:" + kind;

    /// <summary>What one event of a kind counts in a history.</summary>
    internal static string ReadingOf(string kind) => "reading:" + kind;

    /// <summary>Fits the method.</summary>
    /// <param name="data">What it may know.</param>
    /// <param name="threads">Threads; they never change the result.</param>
    /// <param name="seed">Seed of whatever is random.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="ArgumentException">No method has that name, or it is content and nothing is known of the
    /// items.</exception>
    public IRecommender Fit(TrainingSet data, int threads, int seed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Kinds.Count == 1)
        {
            return FitOne(data, threads, seed, cancellation);
        }

        // The kind that is foretold counts 1. Views count as much where nothing else is said.
        float[] weights = [1, .. data.Kinds.Skip(1).Select(kind => (float)Value(WeightOf(kind), 1))];
        var isApart = Value(Apart, 0) > 0 && weights.Count(weight => weight > 0) > 1;
        var inner = FitOne(data.Weighed(weights, isApart), threads, seed, cancellation);
        return new BehaviourModel(
            inner,
            data.ItemIds,
            [1, .. data.Kinds.Skip(1).Select((kind, at) => (float)Value(ReadingOf(kind), weights[at + 1]))]);
    }

    /// <summary>Fits several: filters of the graph with the same directions share them.</summary>
    internal static IRecommender[] FitAll(
        IReadOnlyList<Recipe> recipes, TrainingSet data, int threads, int seed, CancellationToken cancellation)
    {
        var fitted = new IRecommender[recipes.Count];
        for (var at = 0; at < fitted.Length; at++)
        {
            var recipe = recipes[at];
            var like = Enumerable.Range(0, at).FirstOrDefault(other => recipe.HasDirectionsOf(recipes[other]), -1);
            fitted[at] = like >= 0 && fitted[like] is SpectralFilter filter
                ? filter.With(recipe.Spectrum(threads, seed))
                : recipe.Fit(data, threads, seed, cancellation);
        }

        return fitted;
    }

    private bool HasDirectionsOf(Recipe other) => Kind == SpectralFilter.KindName && Kind == other.Kind
        && Spectrum(1, 0).Rank == other.Spectrum(1, 0).Rank;

    private IRecommender FitOne(TrainingSet data, int threads, int seed, CancellationToken cancellation)
    {
        return Kind switch
        {
            Popularity.KindName => Popularity.Fit(data.Matrix, data.ItemIds),
            ItemNeighbours.KindName => ItemNeighbours.Fit(data.Matrix, data.ItemIds, Neighbours(threads), cancellation),
            RandomWalk.KindName => RandomWalk.Fit(data.Matrix, data.ItemIds, Walk(threads), cancellation),
            UserNeighbours.KindName => UserNeighbours.Fit(data.Matrix, data.ItemIds, Users()),
            PairwiseRanking.KindName => PairwiseRanking.Fit(
                data.Matrix, data.ItemIds, Pairs(seed), cancellation),
            LinearAutoencoder.KindName => LinearAutoencoder.Fit(
                data.Matrix, data.ItemIds, Autoencoder(threads), cancellation),
            AlternatingLeastSquares.KindName => AlternatingLeastSquares.Fit(
                data.Matrix, data.ItemIds, Factors(threads, seed), cancellation),
            SpectralFilter.KindName => SpectralFilter.Fit(
                data.Matrix, data.ItemIds, Spectrum(threads, seed), cancellation),
            ContentSimilarity.KindName => ContentSimilarity.Fit(
                data.Attributes ?? throw new ArgumentException("Nothing is known of the items.", nameof(data)),
                data.ItemIds),
            _ => throw new ArgumentException($"No method is called '{Kind}'."),
        };
    }

    /// <summary>Name and parameters, for people.</summary>
    public override string ToString() => Parameters.Count == 0
        ? Kind
        : $"{Kind} ({string.Join(", ", Parameters.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key} {pair.Value.ToString("G6", CultureInfo.InvariantCulture)}"))})";

    /// <summary>The same recipe with another value of one parameter.</summary>
    public Recipe With(string name, double value) =>
        this with { Parameters = new Dictionary<string, double>(Parameters) { [name] = value } };

    internal double Value(string name, double missing) => Parameters.GetValueOrDefault(name, missing);

    private ItemNeighboursOptions Neighbours(int threads) => new()
    {
        Weighting = (NeighbourWeighting)(int)Value("weighting", (int)NeighbourWeighting.TfIdf),
        Neighbours = (int)Value("neighbours", 100),
        Shrinkage = Value("shrinkage", 0),
        Threads = threads,
    };

    private UserNeighboursOptions Users() => new()
    {
        Neighbours = (int)Value("neighbours", 200),
        Shrinkage = (float)Value("shrinkage", 5),
    };

    private PairwiseRankingOptions Pairs(int seed) => new()
    {
        Factors = (int)Value("factors", 64),
        LearningRate = (float)Value("rate", 0.05),
        Regularisation = (float)Value("regularisation", 0.01),
        Epochs = (int)Value("epochs", 60),
        Seed = seed,
    };

    private RandomWalkOptions Walk(int threads) => new()
    {
        Alpha = Value("alpha", 0.7),
        UserAlpha = Parameters.TryGetValue("userAlpha", out var user) ? user : null,
        Beta = Value("beta", 0.5),
        Neighbours = (int)Value("neighbours", 200),
        Threads = threads,
    };

    private LinearAutoencoderOptions Autoencoder(int threads) => new()
    {
        Regularisation = (float)Value("regularisation", 500),
        Dropout = (float)Value("dropout", 0),
        Threads = threads,
    };

    private AlternatingLeastSquaresOptions Factors(int threads, int seed) => new()
    {
        Factors = (int)Value("factors", 64),
        Regularisation = (float)Value("regularisation", 0.003),
        UnobservedWeight = (float)Value("unobserved", 0.1),
        FrequencyExponent = (float)Value("exponent", 1),
        Iterations = (int)Value("iterations", 12),
        Seed = seed + (int)Value("seed", 0),
        Threads = threads,
    };

    private SpectralFilterOptions Spectrum(int threads, int seed) => new()
    {
        Rank = (int)Value("rank", 256),
        Power = (float)Value("power", 0),
        DegreeExponent = (float)Value("exponent", 0.5),
        Seed = seed,
        Threads = threads,
    };
}
