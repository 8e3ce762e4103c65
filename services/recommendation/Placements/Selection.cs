using Ecom.Algorithms.Recommendation;
using Ecom.Recommendation.Lists;

namespace Ecom.Recommendation.Placements;

/// <summary>
/// Ranks the candidates of an answer by relevance, diversity and rotation; then, after the rules, gives some positions
/// to candidates drawn at random.
/// </summary>
internal static class Selection
{
    /// <summary>Products of the shelf that a request draws as candidates where the placement explores.</summary>
    public const int Explored = 20;

    /// <summary>Ranks candidates; nothing is left to chance.</summary>
    /// <param name="candidates">Candidates; what is ranked is marked.</param>
    /// <param name="placement">Strength of diversity and rotation.</param>
    /// <param name="shown">Products of the answer: only these are made different from each other.</param>
    /// <param name="places">Filled with the places of the best, best first.</param>
    /// <returns>Candidates ranked.</returns>
    public static int Rank(Span<Candidate> candidates, Placement placement, int shown, Span<int> places)
    {
        var isDiverse = placement.Diversity > 0;
        var diversity = new Diversity(placement.Diversity, isDiverse ? DeviationOf(candidates) : 0);
        var ranked = Math.Min(places.Length, candidates.Length);
        var rotation = (float)placement.Rotation;
        var different = isDiverse ? Math.Min(shown, ranked) : 0;
        for (var position = 0; position < different; position++)
        {
            var best = BestOf(candidates, diversity, rotation);
            candidates[best].IsTaken = true;
            places[position] = best;
            diversity.Take(candidates[best].IsPopular);
            Compare(candidates, candidates[best].Facts);
        }

        Sort(candidates, diversity, rotation, places[different..ranked]);
        return ranked;
    }

    /// <summary>
    /// Gives each position but the pinned ones, with the probability of the placement's exploration, to a candidate
    /// drawn at random; the others close up. Propensities are those of what is shown, given what stands before it.
    /// </summary>
    /// <param name="candidates">Candidates; what is shown gets its propensity.</param>
    /// <param name="order">Places of all that may be shown, best first: as the rules want it.</param>
    /// <param name="pinned">Which positions of the order a rule pins; empty for none.</param>
    /// <param name="exploration">Share of positions, above 0 to 0.5.</param>
    /// <param name="random">Draws; seeded, so that a draw can be done again.</param>
    /// <param name="shelfShare">Probability with which a product of the shelf was drawn as a candidate.</param>
    /// <param name="places">Filled with the places of the shown, in their order; not longer than the order.</param>
    public static void Explore(
        Span<Candidate> candidates,
        ReadOnlySpan<int> order,
        ReadOnlySpan<bool> pinned,
        double exploration,
        ref SeededDraw random,
        double shelfShare,
        Span<int> places)
    {
        Span<bool> isOut = stackalloc bool[order.Length];
        pinned.CopyTo(isOut);
        var left = order.Length - pinned.Count(true);
        var next = 0;
        for (var position = 0; position < places.Length; position++)
        {
            if (position < pinned.Length && pinned[position])
            {
                places[position] = order[position];
                candidates[order[position]].Propensity = 1;
                continue;
            }

            while (isOut[next])
            {
                next++;
            }

            var chosen = random.Next() < exploration ? FreeAt(isOut, (int)(random.Next() * left)) : next;
            ref var candidate = ref candidates[order[chosen]];
            candidate.Propensity = PropensityOf(candidate, chosen == next, exploration, left, shelfShare);
            places[position] = order[chosen];
            isOut[chosen] = true;
            left--;
        }
    }

    private static double PropensityOf(
        in Candidate candidate, bool isBest, double exploration, int left, double shelfShare)
    {
        var drawn = exploration / left;
        return isBest ? 1 - exploration + drawn
            : candidate.Source == ListSource.Catalogue ? drawn * shelfShare
            : drawn;
    }

    private static int FreeAt(ReadOnlySpan<bool> isOut, int number)
    {
        var at = 0;
        for (; isOut[at] || number > 0; at++)
        {
            number -= isOut[at] ? 0 : 1;
        }

        return at;
    }

    private static int BestOf(ReadOnlySpan<Candidate> candidates, Diversity diversity, float rotation)
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

            var worth = WorthOf(candidate, diversity, rotation);
            if (worth > most)
            {
                (best, most) = (at, worth);
            }
        }

        return best;
    }

    private static float WorthOf(in Candidate candidate, Diversity diversity, float rotation) =>
        diversity.Worth(candidate.Relevance, candidate.IsPopular, candidate.Likeness) - (rotation * candidate.Shown);

    // The best of those that are left, by insertion: lists give them nearly in order. Of equal worth the earlier wins.
    private static void Sort(Span<Candidate> candidates, Diversity diversity, float rotation, Span<int> places)
    {
        Span<float> worths = stackalloc float[places.Length];
        var sorted = 0;
        for (var at = 0; at < candidates.Length && !places.IsEmpty; at++)
        {
            if (candidates[at].IsTaken)
            {
                continue;
            }

            var worth = WorthOf(candidates[at], diversity, rotation);
            if (sorted == places.Length && !(worth > worths[^1]))
            {
                continue;
            }

            sorted = Math.Min(sorted + 1, places.Length);
            var place = sorted - 1;
            for (; place > 0 && worth > worths[place - 1]; place--)
            {
                (worths[place], places[place]) = (worths[place - 1], places[place - 1]);
            }

            (worths[place], places[place]) = (worth, at);
        }

        foreach (var place in places)
        {
            candidates[place].IsTaken = true;
        }
    }

    // Around the mean of each list, since lists lie a whole number apart.
    private static float DeviationOf(ReadOnlySpan<Candidate> candidates)
    {
        var squares = 0.0;
        for (var first = 0; first < candidates.Length;)
        {
            var level = MathF.Floor(candidates[first].Relevance);
            var (sum, sumOfSquares, at) = (0.0, 0.0, first);
            for (; at < candidates.Length && MathF.Floor(candidates[at].Relevance) == level; at++)
            {
                var share = candidates[at].Relevance - level;
                sum += share;
                sumOfSquares += share * share;
            }

            squares += sumOfSquares - (sum * sum / (at - first));
            first = at;
        }

        return candidates.IsEmpty ? 0 : (float)Math.Sqrt(Math.Max(0, squares) / candidates.Length);
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
