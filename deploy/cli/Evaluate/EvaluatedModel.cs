namespace Ecom.Cli.Evaluate;

/// <summary>One row of an evaluation: a model, how good it is and what it cost.</summary>
/// <param name="Model">Name and, where they were chosen, settings.</param>
/// <param name="Metrics">By lower-case key, for example <c>hr@10</c>.</param>
/// <param name="FitWallSeconds">Time of the fit.</param>
/// <param name="FitCpuSeconds">Processor time of the fit, all threads.</param>
/// <param name="ScoreWallSeconds">Time of the predictions.</param>
internal sealed record EvaluatedModel(
    string Model,
    IReadOnlyDictionary<string, double> Metrics,
    double FitWallSeconds,
    double FitCpuSeconds,
    double ScoreWallSeconds)
{
    /// <summary>Settings that were chosen on validation data; null where there was nothing to choose.</summary>
    public IReadOnlyDictionary<string, double>? Parameters { get; init; }

    /// <summary>The metrics of each test week, where they are means over weeks; otherwise null.</summary>
    public IReadOnlyList<WeekMetrics>? Weeks { get; init; }
}

/// <summary>How good a model is in one test week.</summary>
/// <param name="Week">Its first day.</param>
/// <param name="Metrics">By lower-case key.</param>
internal sealed record WeekMetrics(string Week, IReadOnlyDictionary<string, double> Metrics);
