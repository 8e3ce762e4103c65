namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>What is tried of several kinds of behaviour, and which views of them become members of a blend.</summary>
internal static class BehaviourSpaces
{
    private const int Start = 5;
    private static readonly double[] _values = [0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5];

    /// <summary>The weights of all kinds but the first, judged by the random walk, which has no starting point of its
    /// own to be lucky with.</summary>
    public static SearchSpace Weights(IReadOnlyList<string> kinds) => new(
        RandomWalk.KindName,
        [.. kinds.Skip(1).Select(kind => new SearchParameter(Recipe.WeightOf(kind), _values, Start))]);

    /// <summary>A method's space with the weights, from where they were found, and with kinds added up or kept
    /// apart.</summary>
    public static SearchSpace Widen(SearchSpace space, IReadOnlyList<string> kinds, Recipe weights)
    {
        var own = kinds.Skip(1).Select(kind => new SearchParameter(
            Recipe.WeightOf(kind), _values, Array.IndexOf(_values, weights.Parameters[Recipe.WeightOf(kind)])));

        // A dense matrix of all columns would be too large.
        double[] apart = space.Kind == LinearAutoencoder.KindName ? [0] : [0, 1];
        return space with { Parameters = [new(Recipe.Apart, apart, 0), .. own, .. space.Parameters] };
    }

    /// <summary>A tuned method's other views: purchases alone, all kinds added up, each apart, and fitted on purchases
    /// while all kinds of a history are read.</summary>
    public static IEnumerable<Recipe> Views(Recipe tuned, IReadOnlyList<string> kinds, Recipe weights)
    {
        var others = kinds.Skip(1).ToArray();
        Recipe All(Recipe recipe, Func<string, double> value) => others.Aggregate(
            recipe, (one, kind) => one.With(Recipe.WeightOf(kind), value(kind)));
        var together = tuned.With(Recipe.Apart, 0);
        var bought = All(together, _ => 0);
        yield return bought;
        yield return All(together, kind => weights.Parameters[Recipe.WeightOf(kind)]);
        yield return others.Aggregate(
            bought, (one, kind) => one.With(Recipe.ReadingOf(kind), weights.Parameters[Recipe.WeightOf(kind)]));
        if (tuned.Kind != LinearAutoencoder.KindName)
        {
            yield return All(tuned.With(Recipe.Apart, 1), _ => 1);
        }
    }
}
