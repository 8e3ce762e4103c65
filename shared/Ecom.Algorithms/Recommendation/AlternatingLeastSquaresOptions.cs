namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="AlternatingLeastSquares"/>.</summary>
public sealed record AlternatingLeastSquaresOptions
{
    /// <summary>Length of the vectors, at least 1. Default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Weight of the squared length of every vector (λ), greater than 0. Default 20.</summary>
    public float Regularisation { get; init; } = 20;

    /// <summary>Confidence of an interaction of weight r is 1 + alpha · r; at least 0. Default 10.</summary>
    public float Alpha { get; init; } = 10;

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
