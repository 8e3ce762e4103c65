namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>Settings of <see cref="RecommenderTuning"/>.</summary>
public sealed record TuningOptions
{
    /// <summary>
    /// Work for the search, as time of one core of the reference machine (<see cref="TrainingCost"/>); the methods
    /// share it. It decides what is tried, whatever the machine at hand. Default 5 minutes.
    /// </summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Asked before each fit; true cuts the search short, which is told: then the same data and seed may give another
    /// model. For callers with a clock, on a machine far slower than the work foretold. Default null: never.
    /// </summary>
    public Func<bool>? Brake { get; init; }

    /// <summary>Held-out users on whom settings are judged. Default 2,000.</summary>
    public int MostUsers { get; init; } = 2_000;

    /// <summary>Held-out users on whom the weights of the blend are learnt. Default 6,000.</summary>
    public int MostBlendUsers { get; init; } = 6_000;

    /// <summary>Methods that would need more memory are left out. Default 1.5 GiB.</summary>
    public long MostBytes { get; init; } = 3L << 29;

    /// <summary>Seed of whatever is random. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads. Default all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>The tuned default recommender: what is fitted again on all data.</summary>
public sealed record TunedBlend
{
    /// <summary>The recipe of each member that counts.</summary>
    public required IReadOnlyList<Recipe> Members { get; init; }

    /// <summary>Weight of each member.</summary>
    public required IReadOnlyList<float> Weights { get; init; }

    /// <summary>How much an item of a history counts beside the next newer one.</summary>
    public required float Recency { get; init; }

    /// <summary>NDCG@20 on the held-out users.</summary>
    public required double Ndcg { get; init; }

    /// <summary>Whether the clock cut the search short: the same data and seed may give another model.</summary>
    public bool WasCutShort { get; init; }

    /// <summary>What each method reached by itself, the best first.</summary>
    public required IReadOnlyList<TunedRecipe> Single { get; init; }

    /// <summary>Fits the members.</summary>
    /// <param name="data">What they may know.</param>
    /// <param name="threads">Threads; they never change the result.</param>
    /// <param name="seed">Seed of whatever is random.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public Blend Fit(TrainingSet data, int threads, int seed, CancellationToken cancellation = default) => new(
        Recipe.FitAll(Members, data, threads, seed, cancellation), Weights, Recency);
}

/// <summary>The default pipeline: tunes every method that fits, then blends them, on held-out data.</summary>
/// <remarks>
/// Each method is tuned by itself within its share of the work. The best settings of all, further seeds of matrix
/// factorisation and a second order of the graph filter become members of a blend, whose weights are learnt; members
/// that end at no weight are left out. The test part of a data set is never seen here.
/// </remarks>
public static class RecommenderTuning
{
    // Share of the largest weight that content gets at least, where items have attributes.
    private const float LeastContent = 0.1f;

    private static readonly float[] _recencies = [0.95f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f, 0.4f, 0.3f];

    /// <summary>Searches.</summary>
    /// <param name="known">What models may know.</param>
    /// <param name="wanted">What came afterwards: same users and items.</param>
    /// <param name="excluded">Items that are never recommended to each user; null for all that are known.</param>
    /// <param name="options">Settings.</param>
    /// <param name="progress">Told what is done; may be null.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="ArgumentException">No user has something that is wanted.</exception>
    public static TunedBlend Tune(
        TrainingSet known,
        Interactions wanted,
        Interactions? excluded,
        TuningOptions options,
        IProgress<string>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(options);
        var heldOut = new HeldOut(known, wanted, excluded, options.MostUsers, options.Seed);
        if (heldOut.Users.Count == 0)
        {
            throw new ArgumentException("No user has an item in the held-out part.", nameof(wanted));
        }

        var recency = known.Histories.IsOrdered ? RecencyFor(known, heldOut, options, cancellation) : 1;
        progress?.Report($"recency {recency}");
        heldOut = heldOut.Fading(recency);
        var brake = new Brake(options.Brake);
        var behaviours = known.Kinds.Count > 1
            ? WeightsFor(known, heldOut, options, brake, progress, cancellation)
            : null;
        var singles = Singles(known, heldOut, behaviours, options, brake, progress, cancellation);
        var blendUsers = new HeldOut(known, wanted, excluded, options.MostBlendUsers, options.Seed).Fading(recency);
        var blend = Blended(known, blendUsers, singles, behaviours, options, progress, cancellation);
        if (brake.WasUsed)
        {
            progress?.Report("the search was cut short by the clock: another run on the same data may end at another "
                + "model");
        }

        return blend with { WasCutShort = brake.WasUsed };
    }

    /// <summary>What the search and its blend will take.</summary>
    /// <param name="shape">What models may know.</param>
    /// <param name="options">Settings.</param>
    /// <returns>One fit of each method that is tried; at last the blend: the whole search and the members.</returns>
    public static IReadOnlyList<Prediction> Predict(DataShape shape, TuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var spaces = SearchSpaces.For(shape, options.MostBytes);
        var starts = spaces.Select(space => space.Start).ToList();
        var members = MembersFrom(starts, hasAttributes: true, [], null);
        var users = Math.Min(options.MostBlendUsers, shape.Users);
        var candidates = members.Aggregate(
            // A member's best of each user, with the scores of all members.
            new TrainingCost(0, (long)users * BlendWeights.CandidatesOfMember * members.Count * members.Count * 4),
            (sum, member) => sum.And(RecipeCosts.OfScores(member, shape, users)));
        // Small data are searched to the end before the work is used up.
        var search = new TrainingCost(
            Math.Min(
                options.Budget.TotalSeconds * TrainingCost.ReferenceSpeed,
                spaces.Sum(space => RecipeSearch.WorkOf(space, shape, options.MostUsers))),
            0);
        return
        [
            .. starts.Select(start => new Prediction(start.Kind, RecipeCosts.OfFit(start, shape))),
            new Prediction(Blend.KindName, search.And(candidates).And(OfMembers(members, shape))),
        ];
    }

    /// <summary>What a fit of a tuned blend will take.</summary>
    public static TrainingCost Predict(DataShape shape, TunedBlend blend)
    {
        ArgumentNullException.ThrowIfNull(blend);
        return OfMembers(blend.Members, shape);
    }

    private static TrainingCost OfMembers(IEnumerable<Recipe> members, DataShape shape) => members.Aggregate(
        new TrainingCost(0, 0), (sum, member) => sum.And(RecipeCosts.OfFit(member, shape)));

    private static float RecencyFor(
        TrainingSet known, HeldOut heldOut, TuningOptions options, CancellationToken cancellation)
    {
        var model = new Recipe(ItemNeighbours.KindName, new Dictionary<string, double>())
            .Fit(known, options.Threads, options.Seed, cancellation);
        return _recencies.Prepend(1f)
            .MaxBy(recency => heldOut.Fading(recency).Ndcg(model, options.Threads, cancellation));
    }

    // What other kinds of behaviour are worth beside the one that is foretold.
    private static Recipe WeightsFor(
        TrainingSet known,
        HeldOut heldOut,
        TuningOptions options,
        Brake brake,
        IProgress<string>? progress,
        CancellationToken cancellation)
    {
        var search = new RecipeSearch(known, known.Shape(), heldOut, options, brake, cancellation);
        var tuned = search.Tune(
            BehaviourSpaces.Weights(known.Kinds), options.Budget.TotalSeconds * TrainingCost.ReferenceSpeed * 0.2);
        progress?.Report($"learnt weights: {tuned.Recipe}, NDCG@20 {tuned.Ndcg:F4}");
        return tuned.Recipe;
    }

    private static List<TunedRecipe> Singles(
        TrainingSet known,
        HeldOut heldOut,
        Recipe? behaviours,
        TuningOptions options,
        Brake brake,
        IProgress<string>? progress,
        CancellationToken cancellation)
    {
        var shape = known.Shape();
        var spaces = SearchSpaces.For(shape, options.MostBytes).Select(space => behaviours is null
            ? space
            : BehaviourSpaces.Widen(space, known.Kinds, behaviours)).ToList();
        // The blend gets a fifth.
        var left = options.Budget * 0.8;
        var singles = new List<TunedRecipe>();
        for (var at = 0; at < spaces.Count; at++)
        {
            // What a quick method leaves over is shared by those that follow.
            var budget = left.TotalSeconds * TrainingCost.ReferenceSpeed / (spaces.Count - at);
            var search = new RecipeSearch(known, shape, heldOut, options, brake, cancellation);
            var tuned = search.Tune(spaces[at], budget);
            left -= tuned.Work;
            singles.Add(tuned);
            progress?.Report($"{tuned.Recipe}: NDCG@20 {tuned.Ndcg:F4}, {tuned.Tried} settings, "
                + $"{tuned.Work.TotalSeconds:F1} s of work");
        }

        return [.. singles.OrderByDescending(single => single.Ndcg)];
    }

    private static TunedBlend Blended(
        TrainingSet known,
        HeldOut heldOut,
        List<TunedRecipe> singles,
        Recipe? behaviours,
        TuningOptions options,
        IProgress<string>? progress,
        CancellationToken cancellation)
    {
        var recipes = MembersFrom(
            singles.ConvertAll(single => single.Recipe), known.Attributes is not null, known.Kinds, behaviours);
        var members = Recipe.FitAll(recipes, known, options.Threads, options.Seed, cancellation);
        progress?.Report($"learning the weights of {members.Length} members on {heldOut.Users.Count} users");
        var candidates = BlendWeights.Collect(members, heldOut, options.Threads, cancellation);
        var start = new float[members.Length];
        start[0] = 1;
        var (weights, ndcg) = candidates.Learn(start, cancellation);
        // Validation holds few new items and content costs a little on all others. Without it a new item would never
        // be seen, so never be taken up.
        foreach (var (member, _) in recipes.Index().Where(pair => pair.Item.Kind == ContentSimilarity.KindName))
        {
            weights[member] = Math.Max(weights[member], LeastContent * weights.Max(weight => Math.Abs(weight)));
            ndcg = candidates.Ndcg(weights);
        }

        var kept = Enumerable.Range(0, weights.Length).Where(member => weights[member] != 0).ToArray();
        progress?.Report($"blend: NDCG@20 {ndcg:F4} with " + string.Join(
            ", ", kept.Select(member => $"{weights[member]:F2} {recipes[member]}")));
        return new TunedBlend
        {
            Members = [.. kept.Select(member => recipes[member])],
            Weights = [.. kept.Select(member => weights[member])],
            Recency = heldOut.Recency,
            Ndcg = ndcg,
            Single = singles,
        };
    }

    private static List<Recipe> MembersFrom(
        IReadOnlyList<Recipe> singles, bool hasAttributes, IReadOnlyList<string> kinds, Recipe? behaviours)
    {
        var recipes = singles.ToList();
        if (recipes.Find(recipe => recipe.Kind == AlternatingLeastSquares.KindName) is { } factors)
        {
            recipes.Add(factors.With("seed", 1));
            recipes.Add(factors.With("seed", 2));
        }

        if (recipes.Find(recipe => recipe.Kind == SpectralFilter.KindName) is { } spectral)
        {
            recipes.Add(spectral.With("power", 4).With("exponent", 0));
            recipes.Add(spectral.With("power", 2).With("exponent", 0));
        }

        if (hasAttributes)
        {
            recipes.Add(new Recipe(ContentSimilarity.KindName, new Dictionary<string, double>()));
        }

        recipes.Add(new Recipe(Popularity.KindName, new Dictionary<string, double>()));
        if (behaviours is not null)
        {
            recipes.AddRange(singles.SelectMany(single => BehaviourSpaces.Views(single, kinds, behaviours)));
        }

        return [.. recipes.DistinctBy(recipe => recipe.ToString())];
    }
}
