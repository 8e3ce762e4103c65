using Ecom.Contracts.Fraud;
using Ecom.Fraud.Rules;

namespace Ecom.Fraud.Scoring;

/// <summary>What rules and model say together: a pure function of both.</summary>
/// <remarks>
/// A rule that allows goes before everything. Else the harder of the two decides, the score is the higher one, and the
/// reasons of the one that is harder come first. A model that would let the payment pass gives no reasons.
/// </remarks>
internal static class Judgement
{
    /// <param name="byRules">What the rules say.</param>
    /// <param name="model">What the model says; null if it is not asked.</param>
    public static Verdict Of(Verdict byRules, Assessment? model)
    {
        if (model is null || byRules.IsCleared)
        {
            return byRules;
        }

        var (opinion, score) = (model.Opinion, Math.Max(byRules.Score, model.Opinion.Score));
        if (opinion.Decision == FraudDecision.Allow)
        {
            return byRules with { Score = score };
        }

        var reasons = model.Reasons();
        return opinion.Decision > byRules.Decision
            ? new Verdict(opinion.Decision, score, [.. reasons, .. byRules.Reasons])
            : byRules with { Score = score, Reasons = [.. byRules.Reasons, .. reasons] };
    }

    /// <summary>The decision alone, when the model's opinion is stored and its reasons do not matter.</summary>
    /// <param name="byRules">What the rules say.</param>
    /// <param name="opinion">What the model said; null if it was not asked.</param>
    public static FraudDecision DecisionOf(Verdict byRules, ModelOpinion? opinion) =>
        opinion is null || byRules.IsCleared || opinion.Decision <= byRules.Decision
            ? byRules.Decision
            : opinion.Decision;
}
