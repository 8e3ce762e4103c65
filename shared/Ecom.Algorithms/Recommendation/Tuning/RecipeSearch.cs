using System.Diagnostics;

namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>A recipe with what it reached on held-out users.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Ndcg">Mean NDCG@20.</param>
/// <param name="Tried">Settings that were tried for it.</param>
/// <param name="Elapsed">Time that they took.</param>
public sealed record TunedRecipe(Recipe Recipe, double Ndcg, int Tried, TimeSpan Elapsed);

/// <summary>Finds the parameters of one method by climbing along one parameter after the other.</summary>
/// <remarks>
/// Values of a parameter are an ordered list. From the default, neighbours are tried while they win; rounds go on until
/// none does or time is up. Nothing is tried twice. Deterministic, unless time ends it.
/// </remarks>
internal sealed class RecipeSearch(
    TrainingSet data, HeldOut heldOut, int threads, int seed, CancellationToken cancellation)
{
    private readonly Dictionary<string, double> _known = [];

    public TunedRecipe Tune(SearchSpace space, TimeSpan budget)
    {
        var started = Stopwatch.GetTimestamp();
        var places = space.Parameters.Select(parameter => parameter.Start).ToArray();
        var best = Measure(space, places);
        for (var improved = true; improved;)
        {
            improved = false;
            for (var parameter = 0; parameter < places.Length; parameter++)
            {
                foreach (var step in new[] { 1, -1 })
                {
                    while (Stopwatch.GetElapsedTime(started) < budget
                        && TryStep(space, places, parameter, step, best) is { } better)
                    {
                        best = better;
                        improved = true;
                    }
                }
            }
        }

        return new TunedRecipe(
            space.Recipe(places), best, _known.Count, Stopwatch.GetElapsedTime(started));
    }

    // The better value, with the place moved; null and the place as it was when it is not better.
    private double? TryStep(SearchSpace space, int[] places, int parameter, int step, double best)
    {
        var place = places[parameter] + step;
        if (place < 0 || place >= space.Parameters[parameter].Values.Count)
        {
            return null;
        }

        places[parameter] = place;
        var value = Measure(space, places);
        if (value > best)
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
            value = heldOut.Ndcg(recipe.Fit(data, threads, seed, cancellation), threads, cancellation);
            _known.Add(name, value);
        }

        return value;
    }
}

/// <summary>The values that a parameter may take, and where the search begins.</summary>
internal sealed record SearchParameter(string Name, IReadOnlyList<double> Values, int Start);

/// <summary>What is tried for one method.</summary>
internal sealed record SearchSpace(string Kind, IReadOnlyList<SearchParameter> Parameters)
{
    /// <summary>The recipe at some places of the parameters' values.</summary>
    public Recipe Recipe(IReadOnlyList<int> places) => new(
        Kind,
        Parameters.Index().ToDictionary(
            parameter => parameter.Item.Name, parameter => parameter.Item.Values[places[parameter.Index]]));
}
