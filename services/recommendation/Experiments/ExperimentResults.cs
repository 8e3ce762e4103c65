using Ecom.Algorithms.Evaluation;

namespace Ecom.Recommendation.Experiments;

/// <summary>What was counted of an arm.</summary>
internal sealed record ArmCounts
{
    public required int Arm { get; init; }

    /// <summary>Visitors who were given an answer.</summary>
    public required long Visitors { get; init; }

    /// <summary>Those whose window is over: the ones that are compared, since their outcomes change no more.</summary>
    public required long Measured { get; init; }

    public required long Clicked { get; init; }

    public required long Carted { get; init; }

    public required long Bought { get; init; }

    /// <summary>Minor units of the base currency.</summary>
    public required double Revenue { get; init; }

    public required double RevenueSquared { get; init; }

    public required long Answers { get; init; }

    public required long Empty { get; init; }

    public required long Slow { get; init; }

    public required long Degraded { get; init; }

    /// <summary>Sample of a metric of visitors or of a share of answers.</summary>
    public ArmSample Sample(string metric) => metric switch
    {
        "click" => ArmSample.Of(Measured, Clicked, Clicked),
        "cart" => ArmSample.Of(Measured, Carted, Carted),
        "buy" => ArmSample.Of(Measured, Bought, Bought),
        "revenue" => ArmSample.Of(Measured, Revenue, RevenueSquared),
        "emptyShare" => ArmSample.Of(Answers, Empty, Empty),
        "slowShare" => ArmSample.Of(Answers, Slow, Slow),
        "degradedShare" => ArmSample.Of(Answers, Degraded, Degraded),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "No such metric."),
    };
}

/// <summary>What an experiment shows so far; it may be looked at as often as wanted.</summary>
internal sealed record ExperimentResults
{
    private const double MismatchLevel = 0.001;

    public required string Experiment { get; init; }

    public required string State { get; init; }

    public required string Metric { get; init; }

    public required string StoppingRule { get; init; }

    /// <summary>Probability of these numbers of visitors when assignment and logging are right.</summary>
    public required double SampleRatioPValue { get; init; }

    /// <summary>Whether the arms are not comparable: find the fault, do not read the differences.</summary>
    public required bool SampleRatioMismatch { get; init; }

    public required IReadOnlyList<ArmResult> Arms { get; init; }

    /// <summary>Arms for which a guard-rail is broken.</summary>
    public required IReadOnlyList<BrokenRail> BrokenGuardRails { get; init; }

    /// <summary>running, mismatch, or the arm that is better: what the numbers say, for a person to decide.</summary>
    public required string Verdict { get; init; }

    /// <summary>Analyses counts.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="counts">One entry an arm, in order.</param>
    public static ExperimentResults Of(Experiment experiment, IReadOnlyList<ArmCounts> counts)
    {
        var plan = experiment.Plan;

        // Each arm beyond the control is a chance of its own to err.
        var alpha = plan.Alpha / (plan.Arms.Count - 1);
        var ratio = SampleRatio.PValue(
            [.. counts.Select(arm => arm.Visitors)], [.. plan.Arms.Select(arm => arm.Weight)]);

        // An arm that was stopped gets no more visitors: its share says nothing.
        var isMismatch = experiment.StoppedArms.Count == 0 && ratio < MismatchLevel;
        var arms = counts.Select(arm => ArmResult.Of(plan, arm, counts[0], alpha)).ToArray();
        var best = arms.Skip(1)
            .Where(arm => arm.Differences[plan.Metric].Low > 0 && !experiment.StoppedArms.Contains(arm.Arm))
            .MaxBy(arm => arm.Differences[plan.Metric].Difference);
        var controlWins = arms.Skip(1).All(arm => arm.Differences[plan.Metric].High < 0);
        return new ExperimentResults
        {
            Experiment = experiment.Name,
            State = experiment.State,
            Metric = plan.Metric,
            StoppingRule = $"Stop when the interval of an arm's difference to {arms[0].Arm} leaves zero out; it holds "
                + $"at every look, so looking early or often keeps the error rate of {plan.Alpha:0.###} in all.",
            SampleRatioPValue = ratio,
            SampleRatioMismatch = isMismatch,
            Arms = arms,
            BrokenGuardRails = [.. Broken(experiment, counts)],
            Verdict = isMismatch ? "mismatch" : best?.Arm ?? (controlWins ? arms[0].Arm : "running"),
        };
    }

    /// <summary>Guard-rails for which an arm is certainly worse than the control by more than is borne.</summary>
    private static IEnumerable<BrokenRail> Broken(Experiment experiment, IReadOnlyList<ArmCounts> counts)
    {
        var plan = experiment.Plan;
        var alpha = plan.Alpha / Math.Max(1, plan.GuardRails.Count * (plan.Arms.Count - 1));
        foreach (var rail in plan.GuardRails)
        {
            foreach (var (index, arm) in counts.Index().Skip(1))
            {
                var found = SequentialTest.OfDifference(
                    counts[0].Sample(rail.Metric), arm.Sample(rail.Metric), alpha, plan.PlannedVisitors);
                if (rail.MoreIsWorse ? found.Low > rail.Tolerance : found.High < -rail.Tolerance)
                {
                    yield return new BrokenRail
                    {
                        Arm = plan.Arms[index].Name,
                        Metric = rail.Metric,
                        Difference = found.Difference,
                        Tolerance = rail.Tolerance,
                    };
                }
            }
        }
    }
}

/// <summary>One arm's numbers.</summary>
internal sealed record ArmResult
{
    public required string Arm { get; init; }

    public required long Visitors { get; init; }

    /// <summary>Visitors whose window is over; means and differences are theirs.</summary>
    public required long MeasuredVisitors { get; init; }

    public required long Answers { get; init; }

    /// <summary>Mean of each metric with its interval.</summary>
    public required IReadOnlyDictionary<string, MetricInterval> Means { get; init; }

    /// <summary>Difference to the control; of the control itself zero.</summary>
    public required IReadOnlyDictionary<string, MetricDifference> Differences { get; init; }

    public static ArmResult Of(ExperimentPlan plan, ArmCounts arm, ArmCounts control, double alpha) => new()
    {
        Arm = plan.Arms[arm.Arm].Name,
        Visitors = arm.Visitors,
        MeasuredVisitors = arm.Measured,
        Answers = arm.Answers,
        Means = VisitorMetrics.Names.ToDictionary(
            metric => metric,
            metric => MetricInterval.Of(
                SequentialTest.OfMean(arm.Sample(metric), alpha, Math.Max(1, plan.PlannedVisitors / 2.0)))),
        Differences = VisitorMetrics.Names.ToDictionary(
            metric => metric,
            metric => arm.Arm == control.Arm
                ? new MetricDifference { Difference = 0, Low = 0, High = 0, PValue = 1 }
                : MetricDifference.Of(SequentialTest.OfDifference(
                    control.Sample(metric), arm.Sample(metric), alpha, plan.PlannedVisitors))),
    };
}

/// <summary>A mean; no ends while there are too few visitors.</summary>
internal sealed record MetricInterval
{
    public required double Mean { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    public static MetricInterval Of(ConfidenceInterval interval) => new()
    {
        Mean = interval.Mean,
        Low = double.IsFinite(interval.Low) ? interval.Low : null,
        High = double.IsFinite(interval.High) ? interval.High : null,
    };
}

/// <summary>A difference of two means; no ends while there are too few visitors.</summary>
internal sealed record MetricDifference
{
    public required double Difference { get; init; }

    public double? Low { get; init; }

    public double? High { get; init; }

    /// <summary>Always-valid.</summary>
    public required double PValue { get; init; }

    public static MetricDifference Of(SequentialDifference found) => new()
    {
        Difference = found.Difference,
        Low = double.IsFinite(found.Low) ? found.Low : null,
        High = double.IsFinite(found.High) ? found.High : null,
        PValue = found.PValue,
    };
}

/// <summary>A guard-rail that an arm broke.</summary>
internal sealed record BrokenRail
{
    public required string Arm { get; init; }

    public required string Metric { get; init; }

    /// <summary>To the control.</summary>
    public required double Difference { get; init; }

    public required double Tolerance { get; init; }
}
