using Ecom.Algorithms.Evaluation;

namespace Ecom.Algorithms.Recommendation.Tuning;

/// <summary>Users on whom settings are judged: what is known of them, and what they took up afterwards.</summary>
public sealed class HeldOut
{
    /// <summary>Places of a list that count while tuning.</summary>
    public const int Places = 20;

    private HistorySet _histories;
    private readonly Interactions _known;
    private readonly Interactions _wanted;

    /// <summary>Draws users.</summary>
    /// <param name="known">What models are fitted on.</param>
    /// <param name="wanted">What came afterwards.</param>
    /// <param name="excluded">Items that are never recommended to each user; null for all that is known in the
    /// kind of behaviour that is foretold.</param>
    /// <param name="mostUsers">At most so many users are drawn.</param>
    /// <param name="seed">Seed of the draw.</param>
    public HeldOut(TrainingSet known, Interactions wanted, Interactions? excluded, int mostUsers, int seed)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(wanted);
        _histories = known.Histories;
        _known = excluded ?? known.Foretold();
        _wanted = wanted;
        var users = Enumerable.Range(0, wanted.UserCount).Where(user => wanted.ItemsOf(user).Length > 0).ToArray();
        new Random(seed).Shuffle(users);
        Users = [.. users.Take(mostUsers).Order()];
    }

    /// <summary>The users, ascending.</summary>
    public IReadOnlyList<int> Users { get; }

    /// <summary>How much an item of a history counts beside the next newer one.</summary>
    internal float Recency { get; private set; } = 1;

    /// <summary>Items that are never recommended to a user.</summary>
    internal ReadOnlySpan<int> ExcludedOf(int user) => _known.ItemsOf(user);

    internal ReadOnlySpan<int> WantedOf(int user) => _wanted.ItemsOf(user);

    /// <summary>The same users, whose histories fade.</summary>
    internal HeldOut Fading(float recency)
    {
        var other = (HeldOut)MemberwiseClone();
        other.Recency = recency;
        other._histories = _histories.Fade(recency);
        return other;
    }

    /// <summary>What is known of the users.</summary>
    internal HistorySet Histories => _histories;

    /// <summary>Mean NDCG@20 of a model over the users.</summary>
    public double Ndcg(IRecommender model, int threads, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var gains = new double[Users.Count];
        void Measure(int at, ReadOnlySpan<float> scores)
        {
            var best = TopItems.Select(scores, Places, floor: 0, ExcludedOf(Users[at]));
            gains[at] = RankingMetrics.Ndcg(
                Array.ConvertAll(best, one => one.Item), new HashSet<int>([.. WantedOf(Users[at])]), Places);
        }

        Ranking.ForBatches(model, _histories, Users, threads, Measure, cancellation);
        return gains.Length == 0 ? 0 : gains.Average();
    }
}
