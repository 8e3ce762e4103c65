namespace Ecom.Algorithms.Classification;

/// <summary>Turns margins into probabilities by a logistic curve fitted on what became known.</summary>
/// <remarks>
/// J. Platt, "Probabilistic outputs for support vector machines", 1999: p = 1 / (1 + exp(−(a m + b))), by logistic
/// regression on one feature. Two numbers cannot overfit, and the order of the scores stays.
/// </remarks>
/// <param name="Slope">a; positive, or the order would turn.</param>
/// <param name="Intercept">b.</param>
public readonly record struct PlattCalibration(double Slope, double Intercept)
{
    /// <summary>The logistic curve itself.</summary>
    public static PlattCalibration None => new(1, 0);

    /// <summary>Fits on rows that the model has not seen.</summary>
    /// <param name="margins">Their margins.</param>
    /// <param name="labels">Whether each was positive; both classes must occur.</param>
    /// <returns>The curve; <see cref="None"/> if it would turn the order.</returns>
    public static PlattCalibration Fit(ReadOnlySpan<double> margins, ReadOnlySpan<bool> labels)
    {
        var rows = new float[margins.Length];
        for (var at = 0; at < rows.Length; at++)
        {
            rows[at] = (float)margins[at];
        }

        var model = LogisticRegression.Fit(rows, 1, labels, penalty: 0);
        return model.Weights[0] > 0 ? new PlattCalibration(model.Weights[0], model.Margin([0])) : None;
    }

    /// <summary>The probability that belongs to a margin.</summary>
    public double Probability(double margin) => 1 / (1 + Math.Exp(-((Slope * margin) + Intercept)));
}
