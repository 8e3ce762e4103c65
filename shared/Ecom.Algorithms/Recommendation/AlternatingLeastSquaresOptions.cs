namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="AlternatingLeastSquares"/>.</summary>
public sealed record AlternatingLeastSquaresOptions
{
    /// <summary>Length of the vectors, at least 1. Default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>
    /// Weight of the squared length of a vector (λ), times its frequency scale; greater than 0. Default 0.003.
    /// </summary>
    public float Regularisation { get; init; } = 0.003f;

    /// <summary>Weight of every pair without interaction, beside 1 for one of weight 1 (α0); greater than 0.
    /// Default 0.1.</summary>
    public float UnobservedWeight { get; init; } = 0.1f;

    /// <summary>
    /// How regularisation grows with the entries of a row (ν): λ (entries + α0 · others)^ν. 1 grows in proportion, 0 is
    /// the same for all. Default 1.
    /// </summary>
    public float FrequencyExponent { get; init; } = 1;

    /// <summary>Sweeps over users and items, at least 1. Default 15.</summary>
    public int Iterations { get; init; } = 15;

    /// <summary>
    /// Conjugate gradient steps a row, 0 for an exact solution by Cholesky. Default 3, which ends at the same quality
    /// at a fraction of the cost, since each sweep starts from the last one.
    /// </summary>
    public int ConjugateGradientSteps { get; init; } = 3;

    /// <summary>Seed of the starting vectors. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads to fit with; it never changes the result. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
