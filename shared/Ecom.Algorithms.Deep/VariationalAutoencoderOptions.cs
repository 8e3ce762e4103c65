namespace Ecom.Algorithms.Deep;

/// <summary>Settings of <see cref="VariationalAutoencoder"/>.</summary>
public sealed record VariationalAutoencoderOptions
{
    /// <summary>Width of the hidden layers, at least 1. Default 600.</summary>
    public int Hidden { get; init; } = 600;

    /// <summary>Hidden layers of the encoder, at least 1. Default 1, as Mult-VAE; RecVAE has 5.</summary>
    public int HiddenLayers { get; init; } = 1;

    /// <summary>Length of the latent vector, at least 1. Default 400.</summary>
    public int Latent { get; init; } = 400;

    /// <summary>Share of the input that an encoder step does not see, in [0, 1). Default 0.7.</summary>
    public double Dropout { get; init; } = 0.7;

    /// <summary>
    /// Weight of the divergence from the prior for each item of a history (γ of RecVAE: β of a user is γ times the
    /// length of the history); at least 0. Default 0.005.
    /// </summary>
    public double Gamma { get; init; } = 0.005;

    /// <summary>
    /// Share of the posterior of the epoch before in the prior, in [0, 0.9): what keeps the encoder from forgetting.
    /// 0 is the standard normal prior of Mult-VAE. Default 0.75.
    /// </summary>
    public double OldPosteriorShare { get; init; } = 0.75;

    /// <summary>Passes of the encoder over the data in an epoch, at least 1. Default 3.</summary>
    public int EncoderPasses { get; init; } = 3;

    /// <summary>Step length of Adam. Default 0.001.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>Histories a step, at least 1. Default 250.</summary>
    public int BatchSize { get; init; } = 250;

    /// <summary>Most epochs, at least 1. Default 100.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Epochs without a better validation NDCG after which training stops, at least 1. Default 10.</summary>
    public int Patience { get; init; } = 10;

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
        ArgumentOutOfRangeException.ThrowIfLessThan(Hidden, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HiddenLayers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Latent, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Gamma);
        ArgumentOutOfRangeException.ThrowIfLessThan(EncoderPasses, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(LearningRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        CheckShare(Dropout, below: 1);
        CheckShare(OldPosteriorShare, below: 0.9);
        CheckShare(ValidationShare, below: 1);
    }

    private static void CheckShare(double share, double below)
    {
        if (!(share >= 0 && share < below))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, $"Not in [0, {below}).");
        }
    }
}
