namespace Ecom.Algorithms.Recommendation;

/// <summary>A sparse matrix, users × items, of non-negative weights: who did how much with what.</summary>
/// <remarks>
/// Compressed sparse rows: the items of user u lie in <c>Items[Starts[u]..Starts[u + 1]]</c>, ascending and distinct,
/// their weights beside them in <see cref="Weights"/>. 8 bytes an entry.
/// </remarks>
public sealed class Interactions
{
    private Interactions(int itemCount, int[] starts, int[] items, float[] weights)
    {
        ItemCount = itemCount;
        Starts = starts;
        Items = items;
        Weights = weights;
    }

    /// <summary>Number of rows.</summary>
    public int UserCount => Starts.Length - 1;

    /// <summary>Number of columns.</summary>
    public int ItemCount { get; }

    /// <summary>Number of stored entries.</summary>
    public int Count => Items.Length;

    /// <summary>Where each row begins; one more entry than rows.</summary>
    public int[] Starts { get; }

    /// <summary>Column of each entry.</summary>
    public int[] Items { get; }

    /// <summary>Weight of each entry, greater than 0.</summary>
    public float[] Weights { get; }

    /// <summary>Builds the matrix from entries in any order; entries of the same user and item are added up.</summary>
    /// <param name="userCount">U, at least 0.</param>
    /// <param name="itemCount">I, at least 0.</param>
    /// <param name="users">Row of each entry, in [0, U).</param>
    /// <param name="items">Column of each entry, in [0, I).</param>
    /// <param name="weights">Weight of each entry, finite and not negative; empty means 1 for each. Sums of 0 are
    /// dropped.</param>
    /// <exception cref="ArgumentException">Lengths differ, or an index or a weight is out of range.</exception>
    public static Interactions Create(
        int userCount,
        int itemCount,
        ReadOnlySpan<int> users,
        ReadOnlySpan<int> items,
        ReadOnlySpan<float> weights = default)
    {
        Check(userCount, itemCount, users, items, weights);
        var starts = new int[userCount + 1];
        foreach (var user in users)
        {
            starts[user + 1]++;
        }

        for (var user = 0; user < userCount; user++)
        {
            starts[user + 1] += starts[user];
        }

        var next = starts.AsSpan(0, userCount).ToArray();
        var columns = new int[items.Length];
        var values = new float[items.Length];
        for (var entry = 0; entry < items.Length; entry++)
        {
            var at = next[users[entry]]++;
            columns[at] = items[entry];
            values[at] = weights.IsEmpty ? 1 : weights[entry];
        }

        return Compact(itemCount, starts, columns, values);
    }

    /// <summary>The items of one user, ascending.</summary>
    public ReadOnlySpan<int> ItemsOf(int user) => Items.AsSpan(Starts[user], Starts[user + 1] - Starts[user]);

    /// <summary>The weights of one user, beside <see cref="ItemsOf"/>.</summary>
    public ReadOnlySpan<float> WeightsOf(int user) => Weights.AsSpan(Starts[user], Starts[user + 1] - Starts[user]);

    /// <summary>The same entries as items × users. O(entries).</summary>
    public Interactions Transpose()
    {
        var starts = new int[ItemCount + 1];
        foreach (var item in Items)
        {
            starts[item + 1]++;
        }

        for (var item = 0; item < ItemCount; item++)
        {
            starts[item + 1] += starts[item];
        }

        var next = starts.AsSpan(0, ItemCount).ToArray();
        var users = new int[Count];
        var weights = new float[Count];
        for (var user = 0; user < UserCount; user++)
        {
            for (var entry = Starts[user]; entry < Starts[user + 1]; entry++)
            {
                var at = next[Items[entry]]++;
                users[at] = user;
                weights[at] = Weights[entry];
            }
        }

        return new Interactions(UserCount, starts, users, weights);
    }

    /// <summary>Sum of the weights of each row.</summary>
    public double[] RowSums()
    {
        var sums = new double[UserCount];
        for (var user = 0; user < sums.Length; user++)
        {
            foreach (var weight in WeightsOf(user))
            {
                sums[user] += weight;
            }
        }

        return sums;
    }

    /// <summary>The same entries with other weights.</summary>
    /// <param name="weight">From row, column and weight to the new weight, finite and not negative.</param>
    public Interactions Reweigh(Func<int, int, float, float> weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        var weights = new float[Count];
        for (var user = 0; user < UserCount; user++)
        {
            for (var entry = Starts[user]; entry < Starts[user + 1]; entry++)
            {
                weights[entry] = weight(user, Items[entry], Weights[entry]);
            }
        }

        return new Interactions(ItemCount, Starts, Items, weights);
    }

    // Sorts each row, adds up equal columns and drops zeros, in place.
    private static Interactions Compact(int itemCount, int[] starts, int[] columns, float[] values)
    {
        var kept = 0;
        for (var user = 0; user + 1 < starts.Length; user++)
        {
            // The end of this row is still the original one: only starts up to `user` have been rewritten.
            var (from, to) = (starts[user], starts[user + 1]);
            Array.Sort(columns, values, from, to - from);
            starts[user] = kept;
            for (var entry = from; entry < to;)
            {
                var column = columns[entry];
                var sum = 0f;
                for (; entry < to && columns[entry] == column; entry++)
                {
                    sum += values[entry];
                }

                if (sum > 0)
                {
                    columns[kept] = column;
                    values[kept++] = sum;
                }
            }
        }

        starts[^1] = kept;
        return new Interactions(itemCount, starts, columns[..kept], values[..kept]);
    }

    private static void Check(
        int userCount,
        int itemCount,
        ReadOnlySpan<int> users,
        ReadOnlySpan<int> items,
        ReadOnlySpan<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(userCount);
        ArgumentOutOfRangeException.ThrowIfNegative(itemCount);
        if (users.Length != items.Length || (!weights.IsEmpty && weights.Length != items.Length))
        {
            throw new ArgumentException("Users, items and weights must have the same length.", nameof(items));
        }

        for (var entry = 0; entry < items.Length; entry++)
        {
            if ((uint)users[entry] >= (uint)userCount || (uint)items[entry] >= (uint)itemCount)
            {
                throw new ArgumentException($"Entry {entry} lies outside the matrix.", nameof(items));
            }

            if (!weights.IsEmpty && !(float.IsFinite(weights[entry]) && weights[entry] >= 0))
            {
                throw new ArgumentException($"The weight of entry {entry} is negative or not finite.", nameof(weights));
            }
        }
    }
}
