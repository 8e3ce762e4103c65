namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="RatingFactorisation"/>. They hold for any scale of ratings, since these are brought
/// to variance 1 first.</summary>
public sealed record RatingFactorisationOptions
{
    /// <summary>Length of the vectors, at least 0. 0 leaves mean and biases: the usual baseline. Default 96.</summary>
    public int Factors { get; init; } = 96;

    /// <summary>
    /// Whether which items a user rated, whatever the rating, is part of the user's vector (SVD++). Default true.
    /// </summary>
    public bool Implicit { get; init; } = true;

    /// <summary>Step of the first epoch, greater than 0. Default 0.02.</summary>
    public float LearningRate { get; init; } = 0.02f;

    /// <summary>Factor on the step after each epoch, in (0, 1]. Default 0.97.</summary>
    public float Decay { get; init; } = 0.97f;

    /// <summary>Weight of the squared length of the vectors, at least 0. Default 0.1.</summary>
    public float Regularisation { get; init; } = 0.1f;

    /// <summary>Weight of the squared biases, at least 0. Default 0.02.</summary>
    public float BiasRegularisation { get; init; } = 0.02f;

    /// <summary>Most epochs, at least 1. Default 100.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>
    /// Share of the ratings that decides how many epochs are enough, in [0, 0.5]; the model is then fitted to all
    /// ratings with so many. 0, or fewer than 50 such ratings: all epochs are run. Default 0.05.
    /// </summary>
    public double ValidationShare { get; init; } = 0.05;

    /// <summary>Epochs without a better validation error after which the search ends, at least 1. Default 10: on the
    /// way from biases to vectors there is a plain.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>Seed of start, order and validation share. Default 1.</summary>
    public int Seed { get; init; } = 1;
}
