namespace Ecom.Algorithms.Evaluation;

/// <summary>One logged decision, seen by the policy that is to be judged.</summary>
/// <param name="Reward">What came of it.</param>
/// <param name="Logged">Probability in (0, 1] with which it was taken then.</param>
/// <param name="Target">Probability in [0, 1] with which the judged policy takes it.</param>
/// <param name="Expected">A model's reward for the decision taken; 0 without a model.</param>
/// <param name="TargetExpected">The model's mean reward under the judged policy; 0 without a model.</param>
public readonly record struct LoggedDecision(
    double Reward, double Logged, double Target, double Expected = 0, double TargetExpected = 0);

/// <summary>What a policy would have earned a decision, estimated on another policy's log.</summary>
/// <param name="Ips">Inverse propensity scoring: unbiased, wide.</param>
/// <param name="Snips">Self-normalised: a little biased, narrower.</param>
/// <param name="DoublyRobust">Right when either the propensities or the reward model are.</param>
/// <param name="Logged">What the logging policy earned.</param>
/// <param name="StandardError">Of <see cref="Snips"/>.</param>
/// <param name="EffectiveSize">Decisions that the estimate is worth: (Σw)² / Σw².</param>
/// <param name="Matched">Decisions that the judged policy would take too.</param>
/// <param name="MeanWeight">Mean importance weight: 1 when the log supports the judged policy everywhere.</param>
public readonly record struct OffPolicyEstimate(
    double Ips,
    double Snips,
    double DoublyRobust,
    double Logged,
    double StandardError,
    double EffectiveSize,
    int Matched,
    double MeanWeight);

/// <summary>Judges a policy on the log of another one, before it goes live.</summary>
/// <remarks>
/// Sources: IPS: Horvitz, Thompson, "A generalization of sampling without replacement", 1952; SNIPS: Swaminathan,
/// Joachims, "The self-normalized estimator for counterfactual learning", NIPS 2015, its standard error by the delta
/// method; doubly robust: Dudík, Langford, Li, "Doubly robust policy evaluation and learning", ICML 2011; effective
/// size: Kong, 1992. O(decisions), deterministic.
/// </remarks>
public static class OffPolicy
{
    /// <summary>All estimates in one pass.</summary>
    /// <param name="decisions">The log; empty gives zeros.</param>
    /// <param name="largestWeight">Weights above it are cut: less variance for a little bias. Default none.</param>
    /// <exception cref="ArgumentException">A logged probability is not in (0, 1], a target one not in [0,
    /// 1].</exception>
    public static OffPolicyEstimate Estimate(
        ReadOnlySpan<LoggedDecision> decisions, double largestWeight = double.PositiveInfinity)
    {
        if (decisions.IsEmpty)
        {
            return default;
        }

        double weights = 0, squares = 0, earned = 0, logged = 0, robust = 0;
        var matched = 0;
        foreach (var decision in decisions)
        {
            var weight = Weight(decision, largestWeight);
            weights += weight;
            squares += weight * weight;
            earned += weight * decision.Reward;
            logged += decision.Reward;
            robust += decision.TargetExpected + (weight * (decision.Reward - decision.Expected));
            matched += weight > 0 ? 1 : 0;
        }

        var snips = weights > 0 ? earned / weights : 0;
        var deviations = 0.0;
        foreach (var decision in decisions)
        {
            var weight = Weight(decision, largestWeight);
            deviations += weight * weight * (decision.Reward - snips) * (decision.Reward - snips);
        }

        return new OffPolicyEstimate(
            Ips: earned / decisions.Length,
            Snips: snips,
            DoublyRobust: robust / decisions.Length,
            Logged: logged / decisions.Length,
            StandardError: weights > 0 ? Math.Sqrt(deviations) / weights : 0,
            EffectiveSize: squares > 0 ? weights * weights / squares : 0,
            Matched: matched,
            MeanWeight: weights / decisions.Length);
    }

    private static double Weight(LoggedDecision decision, double largest)
    {
        if (!(decision.Logged is > 0 and <= 1) || !(decision.Target is >= 0 and <= 1))
        {
            throw new ArgumentException($"Probabilities out of range: {decision}.", nameof(decision));
        }

        return Math.Min(largest, decision.Target / decision.Logged);
    }
}
