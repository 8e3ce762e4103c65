namespace Ecom.Algorithms.Classification;

/// <summary>Logistic regression with a squared penalty, on standardised features.</summary>
/// <remarks>
/// The minimum of Σ log-loss + ½ λ |w|² over weights w of features with mean 0 and deviation 1 (a constant feature
/// stays 0; the intercept is free of the penalty), found by Newton's method with halved steps: exact to 1e-10 of the
/// gradient, whatever the start. λ = 1 is scikit-learn's default (C = 1). Cost n·d² for each of about ten steps.
/// Deterministic.
/// </remarks>
public sealed class LogisticRegression
{
    private const int MostSteps = 100;
    private readonly double[] _weights;
    private readonly double _intercept;

    private LogisticRegression(double[] weights, double intercept) => (_weights, _intercept) = (weights, intercept);

    /// <summary>Weights of the features as they come (not standardised).</summary>
    public IReadOnlyList<double> Weights => _weights;

    /// <summary>Fits.</summary>
    /// <param name="rows">Row by row, as many columns as features; finite.</param>
    /// <param name="features">Columns of a row, at least 1.</param>
    /// <param name="labels">Whether each row is positive; both classes must occur.</param>
    /// <param name="penalty">λ, not negative. Default 1.</param>
    /// <exception cref="ArgumentException">Sizes differ, or a class is missing.</exception>
    public static LogisticRegression Fit(
        ReadOnlySpan<float> rows, int features, ReadOnlySpan<bool> labels, double penalty = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        ArgumentOutOfRangeException.ThrowIfNegative(penalty);
        if (rows.Length != features * labels.Length)
        {
            throw new ArgumentException("There must be as many labels as rows.", nameof(labels));
        }

        if (!labels.Contains(true) || !labels.Contains(false))
        {
            throw new ArgumentException("Both classes must occur.", nameof(labels));
        }

        var (means, deviations) = Scale(rows, features);
        var scaled = new double[rows.Length];
        for (var at = 0; at < rows.Length; at++)
        {
            var feature = at % features;
            scaled[at] = deviations[feature] > 0 ? (rows[at] - means[feature]) / deviations[feature] : 0;
        }

        var solution = Minimise(scaled, features, labels, penalty);
        var weights = new double[features];
        var intercept = solution[features];
        for (var feature = 0; feature < features; feature++)
        {
            weights[feature] = deviations[feature] > 0 ? solution[feature] / deviations[feature] : 0;
            intercept -= weights[feature] * means[feature];
        }

        return new LogisticRegression(weights, intercept);
    }

    /// <summary>The log-odds of a row.</summary>
    /// <param name="row">As many values as features.</param>
    public double Margin(ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, _weights.Length);
        var margin = _intercept;
        for (var feature = 0; feature < row.Length; feature++)
        {
            margin += _weights[feature] * row[feature];
        }

        return margin;
    }

    private static (double[] Means, double[] Deviations) Scale(ReadOnlySpan<float> rows, int features)
    {
        var means = new double[features];
        var deviations = new double[features];
        var count = rows.Length / features;
        for (var at = 0; at < rows.Length; at++)
        {
            means[at % features] += rows[at] / (double)count;
        }

        for (var at = 0; at < rows.Length; at++)
        {
            var off = rows[at] - means[at % features];
            deviations[at % features] += off * off / count;
        }

        for (var feature = 0; feature < features; feature++)
        {
            deviations[feature] = Math.Sqrt(deviations[feature]);
        }

        return (means, deviations);
    }

    // Newton: the Hessian of a convex function; a step that does not lessen it is halved.
    private static double[] Minimise(double[] rows, int features, ReadOnlySpan<bool> labels, double penalty)
    {
        var solution = new double[features + 1];
        var gradient = new double[features + 1];
        var hessian = new double[(features + 1) * (features + 1)];
        var loss = Evaluate(rows, labels, solution, penalty, gradient, hessian);
        for (var step = 0; step < MostSteps && Norm(gradient) > 1e-10 * labels.Length; step++)
        {
            var change = Solve(hessian, gradient);
            var size = 1.0;
            double[] tried;
            double next;
            do
            {
                tried = [.. solution.Zip(change, (at, by) => at - (size * by))];
                next = Evaluate(rows, labels, tried, penalty, gradient, hessian);
                size /= 2;
            }
            while (!(next <= loss + (1e-12 * Math.Abs(loss))) && size > 1e-10);

            (solution, loss) = (tried, next);
        }

        return solution;
    }

    private static double Evaluate(
        double[] rows,
        ReadOnlySpan<bool> labels,
        double[] solution,
        double penalty,
        double[] gradient,
        double[] hessian)
    {
        var features = solution.Length - 1;
        Array.Clear(gradient);
        Array.Clear(hessian);
        double loss = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            var values = rows.AsSpan(row * features, features);
            var margin = solution[features];
            for (var at = 0; at < features; at++)
            {
                margin += solution[at] * values[at];
            }

            var p = 1 / (1 + Math.Exp(-margin));
            loss += Math.Max(margin, 0) - (labels[row] ? margin : 0) + Math.Log(1 + Math.Exp(-Math.Abs(margin)));
            var (slope, bend) = (p - (labels[row] ? 1 : 0), p * (1 - p));
            for (var at = 0; at <= features; at++)
            {
                var value = at < features ? values[at] : 1;
                gradient[at] += slope * value;
                for (var other = 0; other < at; other++)
                {
                    hessian[(at * (features + 1)) + other] += bend * value * values[other];
                }

                hessian[(at * (features + 1)) + at] += bend * value * value;
            }
        }

        for (var at = 0; at < features; at++)
        {
            loss += penalty / 2 * solution[at] * solution[at];
            gradient[at] += penalty * solution[at];
            hessian[(at * (features + 1)) + at] += penalty;
        }

        return loss;
    }

    private static double Norm(double[] gradient) => gradient.Max(Math.Abs);

    // Cholesky, of the lower triangle: a direction without curvature gets no step.
    private static double[] Solve(double[] hessian, double[] gradient)
    {
        var n = gradient.Length;
        var factor = new double[n * n];
        var solution = new double[n];
        for (var row = 0; row < n; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var rest = hessian[(row * n) + column];
                for (var at = 0; at < column; at++)
                {
                    rest -= factor[(row * n) + at] * factor[(column * n) + at];
                }

                var pivot = factor[(column * n) + column];
                factor[(row * n) + column] = row == column ? Math.Sqrt(Math.Max(rest, 0)) : Divide(rest, pivot);
            }
        }

        for (var row = 0; row < n; row++)
        {
            var rest = gradient[row];
            for (var at = 0; at < row; at++)
            {
                rest -= factor[(row * n) + at] * solution[at];
            }

            solution[row] = Divide(rest, factor[(row * n) + row]);
        }

        for (var row = n - 1; row >= 0; row--)
        {
            for (var at = row + 1; at < n; at++)
            {
                solution[row] -= factor[(at * n) + row] * solution[at];
            }

            solution[row] = Divide(solution[row], factor[(row * n) + row]);
        }

        return solution;

        static double Divide(double value, double pivot) => pivot > 0 ? value / pivot : 0;
    }
}
