namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="SequentialRules"/>.</summary>
public sealed record SequentialRulesOptions
{
    /// <summary>How far an item looks ahead within a session, at least 1. Default 10.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>Weight of an item that came before, as a share of the weight of one that came after the same number of
    /// steps; 0 counts only what follows. Default 0.</summary>
    public float Backward { get; init; }

    /// <summary>
    /// Power of the number of sessions with the other item that a rule is divided by: 0 favours popular items, 1
    /// leaves lift. In [0, 1]. Default 0.
    /// </summary>
    public float PopularityPower { get; init; }

    /// <summary>Rules kept for each item, at least 1. Default 100.</summary>
    public int Neighbours { get; init; } = 100;

    /// <summary>
    /// Items of a history after which an item counts 1/e of the newest; greater than 0, infinity weighs all alike.
    /// Default 1.
    /// </summary>
    public float HistoryDecay { get; init; } = 1;
}

/// <summary>What comes next: rules from an item to those that follow it in sessions, the nearer the
/// stronger.</summary>
/// <remarks>
/// <para>Source: Kamehkhosh, Jannach and Ludewig, "A comparison of frequent pattern techniques and a deep learning
/// method for session-based recommendation", RecSys 2017 (sequential rules with 1/distance; one step is a Markov
/// chain).</para>
/// <para>Value of i → j: Σ over sessions of 1/distance, over the sessions with i. Score of j: Σ over the history of
/// weight · e^(−age in items / decay) · value.</para>
/// <para>Cost: fit O(items of sessions · steps); memory items · neighbours · 8 bytes; score O(history · neighbours).
/// Deterministic.</para>
/// <para>Degenerate cases: sessions of one item teach nothing; an item without rules says nothing.</para>
/// </remarks>
public sealed class SequentialRules : IRecommender
{
    internal const string KindName = "sequential-rules";

    private readonly string[] _itemIds;
    private readonly NeighbourRows _rules;
    private readonly float _historyDecay;

    private SequentialRules(string[] itemIds, NeighbourRows rules, float historyDecay)
    {
        _itemIds = itemIds;
        _rules = rules;
        _historyDecay = historyDecay;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Counts the rules.</summary>
    /// <param name="sessions">Sessions in the order of their items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static SequentialRules Fit(
        Sessions sessions,
        IReadOnlyList<string> itemIds,
        SequentialRulesOptions options,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Backward, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.PopularityPower, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HistoryDecay, nameof(options));
        var ids = Popularity.CheckedIds(itemIds, sessions.ItemCount);
        var places = PlacesByItem(sessions);
        var occurrences = Array.ConvertAll(places, ofItem => (float)Math.Max(1, ofItem.Length));
        var rows = new ScoredItem[ids.Length][];
        var sums = new float[ids.Length];
        var touched = new List<int>();
        for (var item = 0; item < rows.Length; item++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (from, to, place) in places[item])
            {
                Count(sessions.Items.AsSpan(from..to), place - from, options, sums, touched);
            }

            touched.Sort();
            var values = touched.Select(
                other => other == item ? 0 : sums[other] / MathF.Pow(occurrences[other], options.PopularityPower));
            var best = TopItems.Select([.. values], options.Neighbours, floor: 0, exclude: []);
            rows[item] = Array.ConvertAll(
                best, one => new ScoredItem(touched[one.Item], one.Score / occurrences[item]));
            touched.ForEach(other => sums[other] = 0);
            touched.Clear();
        }

        return new SequentialRules(ids, NeighbourRows.Of(rows), options.HistoryDecay);
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        for (var at = 0; at < history.Length; at++)
        {
            _rules.AddTo(scores, history.Items[at], Weight(history, at));
        }
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        for (var at = 0; at < history.Length; at++)
        {
            contributions[at] = Weight(history, at) * _rules.Value(history.Items[at], item);
        }
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores)
    {
        scores.Clear();
        _rules.AddTo(scores, item, 1);
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_historyDecay);
        _rules.Write(writer);
    }

    internal static SequentialRules ReadBody(BinaryReader reader, string[] itemIds)
    {
        var historyDecay = reader.ReadSingle();
        return new SequentialRules(itemIds, NeighbourRows.Read(reader, itemIds.Length), historyDecay);
    }

    private static void Count(
        ReadOnlySpan<int> session, int place, SequentialRulesOptions options, float[] sums, List<int> touched)
    {
        var first = options.Backward > 0 ? Math.Max(0, place - options.Steps) : place + 1;
        for (var at = first; at < session.Length && at <= place + options.Steps; at++)
        {
            if (at == place)
            {
                continue;
            }

            ref var sum = ref sums[session[at]];
            if (sum == 0)
            {
                touched.Add(session[at]);
            }

            sum += at > place ? 1f / (at - place) : options.Backward / (place - at);
        }
    }

    private static (int From, int To, int Place)[][] PlacesByItem(Sessions sessions)
    {
        var places = new List<(int From, int To, int Place)>[sessions.ItemCount];
        for (var session = 0; session < sessions.Count; session++)
        {
            for (var place = sessions.Starts[session]; place < sessions.Starts[session + 1]; place++)
            {
                (places[sessions.Items[place]] ??= []).Add(
                    (sessions.Starts[session], sessions.Starts[session + 1], place));
            }
        }

        return Array.ConvertAll(places, ofItem => ofItem?.ToArray() ?? []);
    }

    private float Weight(History history, int at) =>
        history.Weights[at] * MathF.Exp(-(history.Length - 1 - at) / _historyDecay);
}
