using Ecom.Algorithms.Evaluation;
using Ecom.Recommendation.Lists;
using Ecom.Recommendation.Placements;
using Ecom.Recommendation.Storage;

namespace Ecom.Recommendation.Rules;

/// <summary>What other settings or rules would have earned on answers that were given.</summary>
/// <remarks>
/// Each position of an answer is a decision of its own, as in the item-position click model of Li, Abbasi-Yadkori,
/// Kveton, Muthukrishnan, Vinay, Wen, "Offline evaluation of ranking policies with click models", KDD 2018: a click
/// depends on the product and its position, not on its neighbours.
/// </remarks>
internal sealed record OffPolicyEstimation
{
    private const double FewestEffective = 100;
    private const double LeastSupport = 0.7;
    private const double LargestWeight = 1_000;
    private const double NormalQuantile = 1.96;

    /// <summary>Answers that it rests on.</summary>
    public required int Answers { get; init; }

    /// <summary>Positions that it rests on.</summary>
    public required int Decisions { get; init; }

    /// <summary>Clicks by product shown, as it was.</summary>
    public required double LoggedClickRate { get; init; }

    /// <summary>Clicks by product shown, as it would have been; self-normalised.</summary>
    public required double ClickRate { get; init; }

    /// <summary>95 % interval of it; for one look, not for peeking.</summary>
    public required double Low { get; init; }

    public required double High { get; init; }

    /// <summary>The same by plain inverse propensities: far from it means that the log is thin.</summary>
    public required double UnnormalisedClickRate { get; init; }

    /// <summary>Decisions that the estimate is worth.</summary>
    public required double EffectiveSize { get; init; }

    /// <summary>About 1 when the log holds what the judged settings would show; less when it does not.</summary>
    public required double Support { get; init; }

    /// <summary>Why there is no estimate; null when there is one.</summary>
    public string? Refusal { get; init; }

    /// <summary>Estimates, or says why not.</summary>
    /// <param name="samples">Answers of the placement.</param>
    /// <param name="current">The placement as it is set.</param>
    /// <param name="target">The placement as it is to be judged.</param>
    /// <param name="rules">Rules as they are to be judged.</param>
    /// <param name="catalogue">Products as they are now.</param>
    /// <param name="now">For rules that expire.</param>
    public static OffPolicyEstimation Of(
        IReadOnlyList<AnswerSample> samples,
        Placement current,
        Placement target,
        RuleSet rules,
        Catalogue catalogue,
        DateTimeOffset now)
    {
        var usable = samples.Where(sample => sample.Propensities?.Length == sample.Shown.Length).ToArray();
        var decisions = usable
            .SelectMany(sample => DecisionsOf(sample, Reranked(sample, target), rules, catalogue, now))
            .ToArray();
        var found = OffPolicy.Estimate(decisions, LargestWeight);
        return new OffPolicyEstimation
        {
            Answers = usable.Length,
            Decisions = decisions.Length,
            LoggedClickRate = found.Logged,
            ClickRate = found.Snips,
            Low = Math.Max(0, found.Snips - (NormalQuantile * found.StandardError)),
            High = Math.Min(1, found.Snips + (NormalQuantile * found.StandardError)),
            UnnormalisedClickRate = found.Ips,
            EffectiveSize = found.EffectiveSize,
            Support = found.MeanWeight,
            Refusal = RefusalOf(samples, usable.Length, target.Sources.Except(current.Chain), found),
        };
    }

    private static string? RefusalOf(
        IReadOnlyList<AnswerSample> samples, int usable, IEnumerable<ListSource> unknown, OffPolicyEstimate found)
    {
        var logged = samples.SelectMany(sample => sample.Sources).ToHashSet();
        var missing = unknown.Select(PlacementSources.NameOf).Where(name => !logged.Contains(name)).ToArray();
        if (usable == 0)
        {
            return "Nothing was left to chance in the answers of the last week, so they say nothing of other ones. "
                + "Give the placement an exploration of 0.05, wait a few days, ask again.";
        }

        if (missing.Length > 0)
        {
            return $"The log holds no candidates of {string.Join(", ", missing)}: only an experiment can tell.";
        }

        if (found.EffectiveSize < FewestEffective)
        {
            return FormattableString.Invariant(
                $"The log is worth only {found.EffectiveSize:0} positions of it; {FewestEffective} are needed.");
        }

        return found.MeanWeight is < LeastSupport or > (1 / LeastSupport)
            ? FormattableString.Invariant(
                $"The log supports only {found.MeanWeight:0.00} of it: much that it shows was never shown.")
            : null;
    }

    private static IEnumerable<LoggedDecision> DecisionsOf(
        AnswerSample sample, AnswerSample reranked, RuleSet rules, Catalogue catalogue, DateTimeOffset now)
    {
        var target = RuleSimulation.Remake(rules, reranked, catalogue, now);
        for (var position = 0; position < sample.Shown.Length; position++)
        {
            var product = sample.Shown[position];
            yield return new LoggedDecision(
                sample.Clicked.Contains(product) ? 1 : 0,
                sample.Propensities![position],
                position < target.Length && target[position] == product ? 1 : 0);
        }
    }

    // Candidates in the order of the judged placement's lists; those of other lists fall away.
    private static AnswerSample Reranked(AnswerSample sample, Placement target)
    {
        var order = target.Chain.Append(ListSource.Catalogue).Select(PlacementSources.NameOf).Distinct().ToList();
        return sample with
        {
            Candidates =
            [
                .. sample.Candidates.Zip(sample.Sources)
                    .Where(pair => order.Contains(pair.Second))
                    .OrderBy(pair => order.IndexOf(pair.Second))
                    .Select(pair => pair.First),
            ],
        };
    }
}
