using System.Collections.Concurrent;

namespace Ecom.Algorithms.Recommendation;

/// <summary>What visitors with a similar session took up: nearest neighbours among sessions.</summary>
/// <remarks>
/// <para>Sources: Jannach and Ludewig, "When recurrent neural networks meet the neighborhood for session-based
/// recommendation", RecSys 2017 (session-kNN on the newest sessions); Ludewig and Jannach, "Evaluation of session-based
/// recommendation algorithms", UMUAI 2018 (V-SKNN, idf); Garg et al., "Sequence and time aware neighborhood", SIGIR
/// 2019 (decay within the neighbour session).</para>
/// <para>Likeness of a session s: Σ over shared items of weight · e^(−age / history decay) · idf^match / |s|^length.
/// Score of an item: Σ over the nearest sessions of likeness · e^(−distance to the newest shared item / spread) ·
/// idf^item.</para>
/// <para>Cost: fit O(items of sessions); memory 8 bytes an item of a session; score O(history · sample + neighbours ·
/// length). Deterministic; of sessions that are equally near the newest counts.</para>
/// <para>Degenerate cases: a history without a shared session scores zeros; empty sessions are harmless.</para>
/// </remarks>
public sealed class SessionNeighbours : IRecommender
{
    internal const string KindName = "session-knn";

    private readonly string[] _itemIds;
    private readonly Sessions _sessions;
    private readonly SessionNeighboursOptions _options;
    private readonly int[] _postingStarts;
    private readonly int[] _postings;
    private readonly float[] _matchWeights;
    private readonly float[] _itemWeights;
    private readonly ConcurrentBag<Scratch> _scratches = [];

    private SessionNeighbours(string[] itemIds, Sessions sessions, SessionNeighboursOptions options)
    {
        _itemIds = itemIds;
        _sessions = sessions;
        _options = options;
        var bySession = sessions.ToInteractions().Transpose();
        _postingStarts = bySession.Starts;
        _postings = bySession.Items;
        _matchWeights = new float[itemIds.Length];
        _itemWeights = new float[itemIds.Length];
        for (var item = 0; item < itemIds.Length; item++)
        {
            var with = Math.Max(1, bySession.ItemsOf(item).Length);
            var rarity = MathF.Log((sessions.Count + 1f) / with);
            _matchWeights[item] = MathF.Pow(rarity, options.MatchRarity);
            _itemWeights[item] = MathF.Pow(rarity, options.ItemRarity);
        }
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Indexes the sessions.</summary>
    /// <param name="sessions">Sessions, the oldest first.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    public static SessionNeighbours Fit(
        Sessions sessions, IReadOnlyList<string> itemIds, SessionNeighboursOptions options)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SampleSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HistoryDecay, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.SpreadDecay, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.LengthPower, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.MatchRarity, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.ItemRarity, nameof(options));
        return new SessionNeighbours(Popularity.CheckedIds(itemIds, sessions.ItemCount), sessions, options);
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        var scratch = Rent();
        foreach (var (session, likeness) in Nearest(history, scratch))
        {
            var items = _sessions.Of(session);
            var anchor = Anchor(history, items);
            for (var place = 0; place < items.Length; place++)
            {
                scores[items[place]] += likeness * Spread(place - anchor) * _itemWeights[items[place]];
            }
        }

        _scratches.Add(scratch);
    }

    /// <inheritdoc/>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        contributions.Clear();
        var scratch = Rent();
        foreach (var (session, _) in Nearest(history, scratch))
        {
            var items = _sessions.Of(session);
            if (!items.Contains(item))
            {
                continue;
            }

            var anchor = Anchor(history, items);
            var share = 0f;
            for (var place = 0; place < items.Length; place++)
            {
                share += items[place] == item ? Spread(place - anchor) * _itemWeights[item] : 0;
            }

            share /= MathF.Pow(items.Length, _options.LengthPower);
            for (var at = 0; at < history.Length; at++)
            {
                contributions[at] += items.Contains(history.Items[at]) ? share * Weight(history, at) : 0;
            }
        }

        _scratches.Add(scratch);
    }

    /// <inheritdoc/>
    public void Similar(int item, Span<float> scores)
    {
        Score(new[] { item }, scores);
        scores[item] = 0;
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_options.Neighbours);
        writer.Write(_options.SampleSize);
        writer.Write(_options.HistoryDecay);
        writer.Write(_options.SpreadDecay);
        writer.Write(_options.LengthPower);
        writer.Write(_options.MatchRarity);
        writer.Write(_options.ItemRarity);
        writer.Write(_sessions.Count);
        RecommenderFormat.WriteArray<int>(writer, _sessions.Starts);
        RecommenderFormat.WriteArray<int>(writer, _sessions.Items);
    }

    internal static SessionNeighbours ReadBody(BinaryReader reader, string[] itemIds)
    {
        var options = new SessionNeighboursOptions
        {
            Neighbours = reader.ReadInt32(),
            SampleSize = reader.ReadInt32(),
            HistoryDecay = reader.ReadSingle(),
            SpreadDecay = reader.ReadSingle(),
            LengthPower = reader.ReadSingle(),
            MatchRarity = reader.ReadSingle(),
            ItemRarity = reader.ReadSingle(),
        };
        var count = reader.ReadInt32();
        var starts = RecommenderFormat.ReadArray<int>(reader, count + 1L);
        var items = RecommenderFormat.ReadArray<int>(reader, starts[^1]);
        var sessions = Enumerable.Range(0, count).Select(session => items[starts[session]..starts[session + 1]]);
        return new SessionNeighbours(itemIds, Sessions.Create(itemIds.Length, [.. sessions]), options);
    }

    private Scratch Rent() =>
        _scratches.TryTake(out var free) ? free : new Scratch(_sessions.Count);

    private float Weight(History history, int at) =>
        history.Weights[at]
        * MathF.Exp(-(history.Length - 1 - at) / _options.HistoryDecay)
        * _matchWeights[history.Items[at]];

    private float Spread(int distance) => MathF.Exp(-Math.Abs(distance) / _options.SpreadDecay);

    // Where the newest item of the history stands in the session: around it lies what may come next.
    private static int Anchor(History history, ReadOnlySpan<int> session)
    {
        for (var at = history.Length - 1; at >= 0; at--)
        {
            var place = session.LastIndexOf(history.Items[at]);
            if (place >= 0)
            {
                return place;
            }
        }

        return session.Length - 1;
    }

    private IEnumerable<(int Session, float Likeness)> Nearest(History history, Scratch scratch)
    {
        scratch.Sessions.Clear();
        for (var at = 0; at < history.Length; at++)
        {
            var weight = Weight(history, at);
            if (weight <= 0)
            {
                continue;
            }

            var (first, next) = (_postingStarts[history.Items[at]], _postingStarts[history.Items[at] + 1]);
            for (var entry = next - 1; entry >= Math.Max(first, next - _options.SampleSize); entry--)
            {
                ref var sum = ref scratch.Sums[_postings[entry]];
                if (sum == 0)
                {
                    scratch.Sessions.Add(_postings[entry]);
                }

                sum += weight;
            }
        }

        // Newest first: of equally near ones the first are kept.
        scratch.Sessions.Sort();
        scratch.Sessions.Reverse();
        var likenesses = new float[scratch.Sessions.Count];
        for (var at = 0; at < likenesses.Length; at++)
        {
            var session = scratch.Sessions[at];
            var length = _sessions.Starts[session + 1] - _sessions.Starts[session];
            likenesses[at] = scratch.Sums[session] / MathF.Pow(length, _options.LengthPower);
            scratch.Sums[session] = 0;
        }

        var nearest = TopItems.Select(likenesses, _options.Neighbours, floor: 0, exclude: []);
        return nearest.Select(one => (scratch.Sessions[one.Item], one.Score));
    }

    private sealed class Scratch(int sessions)
    {
        /// <summary>All zero between two uses.</summary>
        public float[] Sums { get; } = new float[sessions];

        public List<int> Sessions { get; } = [];
    }
}
