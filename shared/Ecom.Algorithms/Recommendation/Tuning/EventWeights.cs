namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>Learns what an event of each kind says beside one of the kind that is to be foretold.</summary>
/// <remarks>
/// Weights climb one kind after the other over a fixed list of values, until a round brings nothing or the tries are
/// used up. Deterministic where the judge is. Cost: kinds × 10 calls of the judge a round.
/// </remarks>
public static class EventWeights
{
    private static readonly double[] _values = [0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5];

    /// <summary>Learns.</summary>
    /// <param name="start">Weight of each kind to begin with.</param>
    /// <param name="target">The kind that is foretold: its weight stays as it is.</param>
    /// <param name="judge">How good weights are; more is better.</param>
    /// <param name="mostTries">Calls of the judge at most, at least 1.</param>
    /// <returns>The best weights with what the judge said of them.</returns>
    public static (IReadOnlyDictionary<string, double> Weights, double Value) Learn(
        IReadOnlyDictionary<string, double> start,
        string target,
        Func<IReadOnlyDictionary<string, double>, double> judge,
        int mostTries = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(judge);
        var kinds = start.Keys.Where(kind => kind != target).Order(StringComparer.Ordinal).ToArray();
        var weights = start.ToDictionary(StringComparer.Ordinal);
        var best = judge(weights);
        var tries = 1;
        for (var improved = true; improved;)
        {
            improved = false;
            foreach (var kind in kinds)
            {
                foreach (var value in _values.Where(value => value != weights[kind]).ToArray())
                {
                    if (tries++ >= mostTries)
                    {
                        return (weights, best);
                    }

                    var before = weights[kind];
                    weights[kind] = value;
                    var reached = judge(weights);
                    improved |= reached > best;
                    (best, weights[kind]) = reached > best ? (reached, value) : (best, before);
                }
            }
        }

        return (weights, best);
    }
}
