using System.Numerics.Tensors;

namespace Ecom.Algorithms.Recommendation;

/// <summary>
/// Re-ranks one visitor's candidates, so that a list is not only what everybody is shown, nor more and more of the
/// same.
/// </summary>
/// <remarks>
/// <para>Positions are filled one after the other with the candidate of greatest worth: its relevance, plus a reward
/// for its kind that fades with each product of that kind chosen before, less its likeness to the most similar product
/// chosen before. Rewards by kind: Santos, Macdonald, Ounis, "Exploiting query reformulations for web search result
/// diversification" (xQuAD), WWW 2010, with popular and other products as the two kinds as in Abdollahpouri, Burke,
/// Mobasher, "Managing popularity bias in recommender systems with personalized re-ranking", FLAIRS 2019. Likeness:
/// Carbonell, Goldstein, "The use of MMR", SIGIR 1998.</para>
/// <para>Reward and likeness are measured in standard deviations of the candidates' relevance, so that a strength means
/// the same for every model. The first position is always the most relevant candidate.</para>
/// <para>O(1) a comparison, O(positions × candidates) a list; deterministic, of equal worth the earlier candidate
/// wins.</para>
/// </remarks>
public struct Diversity
{
    /// <summary>The strength that was chosen on validation data, 0.5: costs hardly any relevance.</summary>
    public const double DefaultStrength = 0.5;

    /// <summary>Candidates of a list that are worth re-ranking: what lies further back is rarely wanted.</summary>
    public const int Pool = 100;

    /// <summary>Products that are popular: the fewest that together have this share of what is wanted.</summary>
    public const double PopularShare = 0.7;

    // At full strength, in standard deviations; the ratio of the two was chosen on validation data.
    private const float Reward = 4;
    private const float Alikeness = 1;
    private const float Fading = 0.9f;

    private readonly float _priceOfLikeness;
    private float _rewardOfPopular;
    private float _rewardOfOthers;

    /// <summary>Begins a list.</summary>
    /// <param name="strength">0 (the order stays) to 1.</param>
    /// <param name="deviation">Standard deviation of the candidates' relevance: see <see cref="DeviationOf"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The strength is not within 0 to 1.</exception>
    public Diversity(double strength, float deviation)
    {
        if (!(strength is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(strength), strength, "Must be 0 to 1.");
        }

        var scale = (float)strength * deviation;
        _priceOfLikeness = scale * Alikeness;
        _rewardOfPopular = _rewardOfOthers = scale * Reward;
    }

    /// <summary>What a candidate is worth at the next position.</summary>
    /// <param name="relevance">Higher is better.</param>
    /// <param name="isPopular">Whether it is one of the few products that most people want.</param>
    /// <param name="likeness">Likeness to the most similar product chosen before, 0 to 1.</param>
    public readonly float Worth(float relevance, bool isPopular, float likeness) =>
        relevance + (isPopular ? _rewardOfPopular : _rewardOfOthers) - (_priceOfLikeness * likeness);

    /// <summary>Notes that a product was chosen for the next position.</summary>
    public void Take(bool isPopular)
    {
        if (isPopular)
        {
            _rewardOfPopular *= Fading;
        }
        else
        {
            _rewardOfOthers *= Fading;
        }
    }

    /// <summary>Standard deviation, 0 for none.</summary>
    public static float DeviationOf(ReadOnlySpan<float> relevance) =>
        relevance.IsEmpty ? 0 : TensorPrimitives.StdDev(relevance);

    /// <summary>Which products are popular.</summary>
    /// <param name="wanted">How much each product is wanted, at least 0.</param>
    /// <returns>One entry a product; of equal ones at the border the earlier.</returns>
    public static bool[] PopularOf(ReadOnlySpan<float> wanted)
    {
        var order = new int[wanted.Length];
        var keys = new float[wanted.Length];
        var total = 0.0;
        for (var item = 0; item < wanted.Length; item++)
        {
            (order[item], keys[item]) = (item, -wanted[item]);
            total += wanted[item];
        }

        MemoryExtensions.Sort(keys.AsSpan(), order.AsSpan(), (left, right) => left.CompareTo(right));
        var popular = new bool[wanted.Length];
        var held = 0.0;
        for (var place = 0; place < order.Length && held < PopularShare * total; place++)
        {
            popular[order[place]] = true;
            held += wanted[order[place]];
        }

        return popular;
    }

    /// <summary>The best of some candidates, re-ranked.</summary>
    /// <param name="candidates">Best first.</param>
    /// <param name="isPopular">One entry an item of the catalogue.</param>
    /// <param name="strength">0 to 1.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="likeness">Likeness of two items, 0 to 1; null if nothing is known of them.</param>
    /// <returns>Items, best first.</returns>
    public static int[] Rank(
        ReadOnlySpan<ScoredItem> candidates,
        ReadOnlySpan<bool> isPopular,
        double strength,
        int count,
        Func<int, int, float>? likeness = null)
    {
        var relevance = new float[candidates.Length];
        for (var at = 0; at < candidates.Length; at++)
        {
            relevance[at] = candidates[at].Score;
        }

        var diversity = new Diversity(strength, DeviationOf(relevance));
        var closest = new float[candidates.Length];
        var isTaken = new bool[candidates.Length];
        var chosen = new int[Math.Min(count, candidates.Length)];
        for (var position = 0; position < chosen.Length; position++)
        {
            var (best, most) = (-1, float.NegativeInfinity);
            for (var at = 0; at < candidates.Length; at++)
            {
                var worth = diversity.Worth(relevance[at], isPopular[candidates[at].Item], closest[at]);
                if (!isTaken[at] && worth > most)
                {
                    (best, most) = (at, worth);
                }
            }

            var item = candidates[best].Item;
            isTaken[best] = true;
            chosen[position] = item;
            diversity.Take(isPopular[item]);
            for (var at = 0; likeness is not null && at < candidates.Length; at++)
            {
                closest[at] = Math.Max(closest[at], likeness(candidates[at].Item, item));
            }
        }

        return chosen;
    }
}
