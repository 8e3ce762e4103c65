using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Deep;

/// <summary>Settings of <see cref="NeuralCollaborativeFiltering"/>.</summary>
public sealed record NeuralCollaborativeFilteringOptions
{
    /// <summary>Length of each half of a vector; the layers have 2 · and 1 · so many units. At least 1. Default
    /// 32.</summary>
    public int Factors { get; init; } = 32;

    /// <summary>Items drawn at random for each one of a history, at least 1. Default 4.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>Step length of Adam. Default 0.002.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Histories a step, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Most epochs, at least 1. Default 30.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Epochs without a better validation NDCG after which training stops, at least 1. Default 4.</summary>
    public int Patience { get; init; } = 4;

    /// <summary>
    /// Share of each history that is hidden to find when to stop, in [0, 1); 0 trains for all epochs. Default 0.2.
    /// </summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>Seed of everything random. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads of libtorch, at least 1. Default 1, with which the same seed gives the same model.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Where libtorch lies, see <see cref="TorchRuntime.Load"/>. Default null.</summary>
    public string? TorchDirectory { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Factors, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Negatives, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(LearningRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ValidationShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ValidationShare, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
    }
}

/// <summary>Trains neural collaborative filtering.</summary>
/// <remarks>
/// <para>Source: He et al., WWW 2017 (NeuMF, log loss on sampled negatives); the user's vector is made of the
/// history's items, without the one that is asked for (Xue et al., TOIS 2019), so that nobody need be known by
/// name.</para>
/// <para>Cost of an epoch: O(entries · (1 + negatives) · factors²), see <see cref="Predict"/>. Deterministic for a seed
/// on one thread.</para>
/// </remarks>
public static class NeuralCollaborativeFiltering
{
    /// <summary>Trains on a part, stops early, trains on everything.</summary>
    /// <param name="interactions">Users × items; weights count in the user's vector.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told share done and stage.</param>
    /// <param name="cancellation">Stops the fit between two steps.</param>
    /// <exception cref="TorchUnavailableException">libtorch cannot be loaded.</exception>
    public static NeuralFactors Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        NeuralCollaborativeFilteringOptions options,
        Action<double, string>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        TorchRuntime.Load(options.TorchDirectory, options.Threads);
        var schedule = new Schedule(options.Epochs, options.Patience, options.ValidationShare, options.Seed);
        return (NeuralFactors)schedule.Fit(
            data => new NeuralFactorsNetwork(data, options), interactions, itemIds, progress, cancellation);
    }

    /// <summary>What a fit will take at most, when no epoch is saved by stopping early.</summary>
    /// <param name="users">Number of histories.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="entries">Entries of all histories.</param>
    /// <param name="options">Settings.</param>
    public static TrainingCost Predict(int users, int items, long entries, NeuralCollaborativeFilteringOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        double factors = options.Factors;
        var pairs = entries * (1.0 + options.Negatives);
        // Gathering and scattering of vectors costs as much again as the layers.
        var layers = 12 * ((4 * factors * factors) + (2 * factors * factors) + (3 * factors));
        var histories = 8.0 * users * items * factors;
        var pairsOfBatch = pairs / Math.Max(1, users) * options.BatchSize;
        var bytes = (80 * items * factors) + (12.0 * options.BatchSize * items) + (80 * pairsOfBatch * factors);
        var epochs = options.Epochs * (options.ValidationShare > 0 ? 2 : 1);
        return new TrainingCost(
            ((pairs * layers) + histories) * epochs / TorchRuntime.Efficiency, (long)bytes + TorchRuntime.Bytes);
    }
}
