using Ecom.Algorithms.Recommendation;

namespace Ecom.Algorithms.Deep;

/// <summary>Trains a variational autoencoder on histories.</summary>
/// <remarks>
/// <para>Source: Liang, Krishnan, Hoffman and Jebara, "Variational autoencoders for collaborative filtering", WWW 2018
/// (multinomial likelihood, partial regularisation β), with the changes of Shenbin, Alekseev, Tutubalina, Malykh and
/// Nikolenko, "RecVAE", WSDM 2020: composite prior, β by the length of a history, encoder and decoder in turn, the
/// encoder with dropout and the decoder without.</para>
/// <para>Cost of an epoch: O(passes · users · (items · (hidden + latent) + layers · hidden²)), see
/// <see cref="Predict"/>. Deterministic for a seed on one thread; on more, sums may differ in the last bits.</para>
/// </remarks>
public static class VariationalAutoencoder
{
    // Forward, gradient by weights and by inputs; the widest layer needs no gradient by its input.
    private const double EncoderSteps = 2 * 2.5;
    private const double DecoderSteps = 2 * 1.5;

    /// <summary>Trains on a part, stops early, trains on everything.</summary>
    /// <param name="interactions">Users × items; weights count as strength of the wish.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told share done and stage.</param>
    /// <param name="cancellation">Stops the fit between two steps.</param>
    /// <exception cref="TorchUnavailableException">libtorch cannot be loaded.</exception>
    public static AutoencoderRecommender Fit(
        Interactions interactions,
        IReadOnlyList<string> itemIds,
        VariationalAutoencoderOptions options,
        Action<double, string>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        TorchRuntime.Load(options.TorchDirectory, options.Threads);
        var schedule = new Schedule(options.Epochs, options.Patience, options.ValidationShare, options.Seed);
        return (AutoencoderRecommender)schedule.Fit(
            data => new AutoencoderNetwork(data, options), interactions, itemIds, progress, cancellation);
    }

    /// <summary>What a fit will take at most, when no epoch is saved by stopping early.</summary>
    /// <param name="users">Number of histories.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="options">Settings.</param>
    public static TrainingCost Predict(int users, int items, VariationalAutoencoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var deeper = (((options.HiddenLayers - 1.0) * options.Hidden) + (2.0 * options.Latent)) * options.Hidden;
        var encoder = ((double)items * options.Hidden) + deeper;
        var decoder = (double)items * options.Latent;
        var epoch = users * ((options.EncoderPasses * EncoderSteps * (encoder + decoder))
            + (2 * encoder) + (DecoderSteps * 2 * decoder));
        // Weights, gradients, two moments; the encoder of the epoch before; batches in several copies.
        var bytes = (16 * (encoder + decoder)) + (4 * encoder) + (40.0 * options.BatchSize * items);
        var operations = epoch * options.Epochs * (options.ValidationShare > 0 ? 2 : 1);
        return new TrainingCost(operations / TorchRuntime.Efficiency, (long)bytes + TorchRuntime.Bytes);
    }
}
