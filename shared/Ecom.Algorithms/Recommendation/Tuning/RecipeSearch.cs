namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>A recipe with what it reached on held-out users.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Ndcg">Mean NDCG@20.</param>
/// <param name="Tried">Settings that were tried for it.</param>
/// <param name="Work">What they take by <see cref="RecipeCosts"/>, as time of a core of the reference machine.</param>
public sealed record TunedRecipe(Recipe Recipe, double Ndcg, int Tried, TimeSpan Work);

/// <summary>Finds the parameters of one method by climbing along one parameter after the other.</summary>
/// <remarks>
/// Values of a parameter are an ordered list. From the default, neighbours are tried while they win; rounds go on until
/// none does or the next would take more work than is left. Nothing is tried twice. Work is what is foretold of a fit,
/// not what it took: the search ends at the same place on any machine, unless the brake stops it.
/// </remarks>
internal sealed class RecipeSearch(
    TrainingSet data,
    DataShape shape,
    HeldOut heldOut,
    TuningOptions options,
    Brake brake,
    CancellationToken cancellation)
{
    private readonly Dictionary<string, double> _known = [];
    private double _work;

    /// <param name="space">What is tried.</param>
    /// <param name="budget">Operations, see <see cref="TrainingCost"/>; the first setting is tried whatever it
    /// takes.</param>
    public TunedRecipe Tune(SearchSpace space, double budget)
    {
        var places = space.Parameters.Select(parameter => parameter.Start).ToArray();
        var best = Measure(space, places);
        for (var improved = true; improved;)
        {
            improved = false;
            for (var parameter = 0; parameter < places.Length; parameter++)
            {
                foreach (var step in new[] { 1, -1 })
                {
                    while (TryStep(space, places, parameter, step, best, budget) is { } better)
                    {
                        best = better;
                        improved = true;
                    }
                }
            }
        }

        return new TunedRecipe(
            space.Recipe(places), best, _known.Count, new TrainingCost(_work, 0).ReferenceTime);
    }

    /// <summary>About what a search to its end takes: a climb tries each value of each parameter once or so.</summary>
    /// <param name="space">What is tried.</param>
    /// <param name="shape">The data.</param>
    /// <param name="mostUsers">Held-out users on whom settings are judged.</param>
    public static double WorkOf(SearchSpace space, DataShape shape, int mostUsers) => space.Parameters.Sum(
        parameter => parameter.Values.Sum(value => WorkOf(
            space.Start.With(parameter.Name, value), shape, Math.Min(mostUsers, shape.Users))));

    // The better value, with the place moved; null and the place as it was when it is not better.
    private double? TryStep(
        SearchSpace space, int[] places, int parameter, int step, double best, double budget)
    {
        var place = places[parameter] + step;
        if (place < 0 || place >= space.Parameters[parameter].Values.Count)
        {
            return null;
        }

        places[parameter] = place;
        if (!brake.Holds && _work + WorkOf(space.Recipe(places)) <= budget && Measure(space, places) is var value
            && value > best)
        {
            return value;
        }

        places[parameter] -= step;
        return null;
    }

    private double Measure(SearchSpace space, int[] places)
    {
        var recipe = space.Recipe(places);
        var name = recipe.ToString();
        if (!_known.TryGetValue(name, out var value))
        {
            _work += WorkOf(recipe);
            var model = recipe.Fit(data, options.Threads, options.Seed, cancellation);
            value = heldOut.Ndcg(model, options.Threads, cancellation);
            _known.Add(name, value);
        }

        return value;
    }

    // What is known already takes no work.
    private double WorkOf(Recipe recipe) => _known.ContainsKey(recipe.ToString())
        ? 0
        : WorkOf(recipe, shape, heldOut.Users.Count);

    private static double WorkOf(Recipe recipe, DataShape shape, int users) =>
        RecipeCosts.OfFit(recipe, shape).Operations + RecipeCosts.OfScores(recipe, shape, users).Operations;
}

/// <summary>The values that a parameter may take, and where the search begins.</summary>
internal sealed record SearchParameter(string Name, IReadOnlyList<double> Values, int Start);

/// <summary>What is tried for one method.</summary>
internal sealed record SearchSpace(string Kind, IReadOnlyList<SearchParameter> Parameters)
{
    /// <summary>The recipe that the search begins with.</summary>
    public Recipe Start => Recipe([.. Parameters.Select(parameter => parameter.Start)]);

    /// <summary>The recipe at some places of the parameters' values.</summary>
    public Recipe Recipe(IReadOnlyList<int> places) => new(
        Kind,
        Parameters.Index().ToDictionary(
            parameter => parameter.Item.Name, parameter => parameter.Item.Values[places[parameter.Index]]));
}
