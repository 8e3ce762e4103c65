namespace Ecom.Algorithms.Recommendation;

/// <summary>Settings of <see cref="UserNeighbours"/>.</summary>
public sealed record UserNeighboursOptions
{
    /// <summary>Users who speak for a visitor, at least 1. Default 200.</summary>
    public int Neighbours { get; init; } = 200;

    /// <summary>Added to the denominator of the cosine; damps users who share little. 0 is off. Default 5.</summary>
    public float Shrinkage { get; init; } = 5;
}

/// <summary>User-to-user collaborative filtering: what those took up whose histories are most like the
/// visitor's.</summary>
/// <remarks>
/// <para>Source: Herlocker, Konstan, Borchers and Riedl, "An algorithmic framework for performing collaborative
/// filtering", SIGIR 1999. Similarity: the cosine of histories, items weighed by ln(users / users with the item), so
/// that what everybody has says nothing. Score of an item: the sum of the similarities of the neighbours who have
/// it.</para>
/// <para>Cost: fit O(entries); score O(Σ users of the history's items + neighbours · their items); memory as the
/// data, which the artefact carries without the users' ids. Deterministic.</para>
/// </remarks>
public sealed class UserNeighbours : IRecommender
{
    internal const string KindName = "user-knn";

    private readonly string[] _itemIds;
    private readonly Interactions _users;
    private readonly Interactions _byItem;
    private readonly UserNeighboursOptions _options;
    private readonly float[] _rarity;
    private readonly float[] _norms;

    private UserNeighbours(string[] itemIds, Interactions users, UserNeighboursOptions options)
    {
        _itemIds = itemIds;
        _users = users;
        _options = options;
        _byItem = users.Transpose();
        _rarity = new float[itemIds.Length];
        for (var item = 0; item < itemIds.Length; item++)
        {
            var holders = _byItem.ItemsOf(item).Length;
            _rarity[item] = holders == 0 ? 0 : MathF.Log((1f + users.UserCount) / holders);
        }

        _norms = new float[users.UserCount];
        for (var user = 0; user < _norms.Length; user++)
        {
            _norms[user] = Norm(users.ItemsOf(user), users.WeightsOf(user));
        }
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public IReadOnlyList<string> ItemIds => _itemIds;

    /// <summary>Keeps the users' histories.</summary>
    /// <param name="interactions">Users × items.</param>
    /// <param name="itemIds">Id of each item.</param>
    /// <param name="options">Settings.</param>
    public static UserNeighbours Fit(
        Interactions interactions, IReadOnlyList<string> itemIds, UserNeighboursOptions options)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Shrinkage, nameof(options));
        return new UserNeighbours(Popularity.CheckedIds(itemIds, interactions.ItemCount), interactions, options);
    }

    /// <inheritdoc/>
    public void Score(History history, Span<float> scores)
    {
        history.Check(_itemIds.Length);
        scores.Clear();
        foreach (var neighbour in Nearest(history))
        {
            foreach (var item in _users.ItemsOf(neighbour.Item))
            {
                scores[item] += neighbour.Score;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>A history item's part: its share in the likeness of the neighbours who have the item.</remarks>
    public void Contributions(History history, int item, Span<float> contributions)
    {
        contributions.Clear();
        var norm = Norm(history.Items, history.Weights);
        foreach (var neighbour in Nearest(history))
        {
            var items = _users.ItemsOf(neighbour.Item);
            if (items.BinarySearch(item) < 0)
            {
                continue;
            }

            for (var at = 0; at < history.Length; at++)
            {
                var place = items.BinarySearch(history.Items[at]);
                contributions[at] += place < 0 ? 0 : Product(history, at, _users.WeightsOf(neighbour.Item)[place])
                    / ((norm * _norms[neighbour.Item]) + _options.Shrinkage);
            }
        }
    }

    /// <summary>The cosine of the users who have both.</summary>
    public void Similar(int item, Span<float> scores)
    {
        scores.Clear();
        var own = _byItem.ItemsOf(item);
        foreach (var user in own)
        {
            foreach (var other in _users.ItemsOf(user))
            {
                scores[other]++;
            }
        }

        for (var other = 0; other < scores.Length; other++)
        {
            scores[other] = scores[other] == 0
                ? 0
                : scores[other] / MathF.Sqrt((float)own.Length * _byItem.ItemsOf(other).Length);
        }
    }

    /// <inheritdoc/>
    public void WriteBody(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_options.Neighbours);
        writer.Write(_options.Shrinkage);
        writer.Write(_users.UserCount);
        RecommenderFormat.WriteArray<int>(writer, _users.Starts);
        RecommenderFormat.WriteArray<int>(writer, _users.Items);
        RecommenderFormat.WriteArray<float>(writer, _users.Weights);
    }

    internal static UserNeighbours ReadBody(BinaryReader reader, string[] itemIds)
    {
        var options = new UserNeighboursOptions { Neighbours = reader.ReadInt32(), Shrinkage = reader.ReadSingle() };
        var starts = RecommenderFormat.ReadArray<int>(reader, reader.ReadInt32() + 1L);
        var items = RecommenderFormat.ReadArray<int>(reader, starts[^1]);
        var weights = RecommenderFormat.ReadArray<float>(reader, starts[^1]);
        var users = new int[items.Length];
        for (var user = 0; user + 1 < starts.Length; user++)
        {
            users.AsSpan(starts[user]..starts[user + 1]).Fill(user);
        }

        return new UserNeighbours(
            itemIds, Interactions.Create(starts.Length - 1, itemIds.Length, users, items, weights), options);
    }

    private ScoredItem[] Nearest(History history)
    {
        var products = new float[_users.UserCount];
        for (var at = 0; at < history.Length; at++)
        {
            var holders = _byItem.ItemsOf(history.Items[at]);
            var weights = _byItem.WeightsOf(history.Items[at]);
            for (var holder = 0; holder < holders.Length; holder++)
            {
                products[holders[holder]] += Product(history, at, weights[holder]);
            }
        }

        var norm = Norm(history.Items, history.Weights);
        for (var user = 0; user < products.Length; user++)
        {
            products[user] = products[user] == 0
                ? 0
                : products[user] / ((norm * _norms[user]) + _options.Shrinkage);
        }

        return TopItems.Select(products, _options.Neighbours, floor: 0, exclude: []);
    }

    private float Product(History history, int at, float weight)
    {
        var rarity = _rarity[history.Items[at]];
        return history.Weights[at] * rarity * rarity * weight;
    }

    private float Norm(ReadOnlySpan<int> items, ReadOnlySpan<float> weights)
    {
        var sum = 0f;
        for (var at = 0; at < items.Length; at++)
        {
            var value = weights[at] * _rarity[items[at]];
            sum += value * value;
        }

        return MathF.Sqrt(sum);
    }
}
