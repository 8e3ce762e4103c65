using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Placements;

/// <summary>
/// Chooses the products of an answer from ranked candidates: one position after another the candidate with the best
/// balance of relevance and difference from what stands there already (maximal marginal relevance, Carbonell and
/// Goldstein 1998), now and then one drawn at random.
/// </summary>
internal static class Selection
{
    /// <summary>Products of the shelf that a request draws as candidates where the placement explores.</summary>
    public const int Explored = 20;

    /// <summary>Fills the answer.</summary>
    /// <param name="candidates">Candidates; what is chosen is marked.</param>
    /// <param name="placement">Strength of diversity, rotation and exploration.</param>
    /// <param name="random">Draws; seeded, so that a draw can be done again.</param>
    /// <param name="shelfShare">Probability with which a product of the shelf was drawn as a candidate.</param>
    /// <param name="places">Filled with the places of the chosen, in their order; as long as the answer may be.</param>
    /// <returns>Products chosen.</returns>
    public static int Choose(
        Span<Candidate> candidates, Placement placement, SeededDraw random, double shelfShare, Span<int> places)
    {
        var left = 0;
        foreach (ref readonly var candidate in candidates)
        {
            left += float.IsNegativeInfinity(candidate.Relevance) ? 0 : 1;
        }

        var chosen = 0;
        for (; chosen < places.Length && left > 0; chosen++, left--)
        {
            var best = BestOf(candidates, (float)placement.Diversity, (float)placement.Rotation);
            var taken = placement.Exploration > 0 && random.Next() < placement.Exploration
                ? AnyOf(candidates, (int)(random.Next() * left))
                : best;
            ref var candidate = ref candidates[taken];
            candidate.IsTaken = true;
            candidate.Propensity = PropensityOf(candidate, taken == best, placement.Exploration, left, shelfShare);
            places[chosen] = taken;
            if (placement.Diversity > 0)
            {
                Compare(candidates, candidate.Facts);
            }
        }

        return chosen;
    }

    private static double PropensityOf(
        in Candidate candidate, bool isBest, double exploration, int left, double shelfShare)
    {
        var drawn = exploration / left;
        return isBest ? 1 - exploration + drawn
            : candidate.Source == ListSource.Catalogue ? drawn * shelfShare
            : drawn;
    }

    private static int BestOf(Span<Candidate> candidates, float diversity, float rotation)
    {
        var best = -1;
        var most = float.NegativeInfinity;
        for (var at = 0; at < candidates.Length; at++)
        {
            ref readonly var candidate = ref candidates[at];
            if (candidate.IsTaken)
            {
                continue;
            }

            var worth = ((1 - diversity) * (candidate.Relevance - (rotation * candidate.Shown)))
                - (diversity * candidate.Likeness);
            if (worth > most)
            {
                (best, most) = (at, worth);
            }
        }

        return best;
    }

    private static int AnyOf(Span<Candidate> candidates, int number)
    {
        for (var at = 0; at < candidates.Length; at++)
        {
            if (!candidates[at].IsTaken && !float.IsNegativeInfinity(candidates[at].Relevance) && number-- == 0)
            {
                return at;
            }
        }

        throw new InvalidOperationException("Fewer candidates are left than were counted.");
    }

    private static void Compare(Span<Candidate> candidates, ProductFacts chosen)
    {
        foreach (ref var candidate in candidates)
        {
            if (!candidate.IsTaken)
            {
                candidate.Likeness = Math.Max(candidate.Likeness, candidate.Facts.SimilarityTo(chosen));
            }
        }
    }
}

/// <summary>Numbers drawn from a seed, the same again for the same seed: SplitMix64.</summary>
/// <param name="seed">Where it begins.</param>
internal struct SeededDraw(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Draws of an answer: the same again for the same visitor at the same instant.</summary>
    public static SeededDraw Of(string? visitor, DateTimeOffset at) =>
        new(IdHash.Of(visitor) ^ ((ulong)at.Ticks * 0xD6E8FEB86659FD93));

    /// <summary>Uniform in [0, 1).</summary>
    public double Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
