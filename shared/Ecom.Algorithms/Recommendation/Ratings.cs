namespace Ecom.Algorithms.Recommendation;

/// <summary>
/// Explicit ratings, grouped by user: how much somebody liked something, not merely that they took it.
/// </summary>
/// <remarks>
/// The ratings of user u lie at <c>Starts[u]..Starts[u + 1]</c>, in the order in which they were given. A pair that is
/// rated twice counts twice: a change of mind is evidence too. 8 bytes a rating.
/// </remarks>
public sealed class Ratings
{
    private Ratings(int itemCount, int[] starts, int[] items, float[] values)
    {
        ItemCount = itemCount;
        Starts = starts;
        Items = items;
        Values = values;
    }

    /// <summary>Number of users, with or without ratings.</summary>
    public int UserCount => Starts.Length - 1;

    /// <summary>Number of items, with or without ratings.</summary>
    public int ItemCount { get; }

    /// <summary>Number of ratings.</summary>
    public int Count => Items.Length;

    /// <summary>Where the ratings of each user begin; one more entry than users.</summary>
    public int[] Starts { get; }

    /// <summary>Item of each rating.</summary>
    public int[] Items { get; }

    /// <summary>Value of each rating, finite.</summary>
    public float[] Values { get; }

    /// <summary>Groups ratings given in any order. O(ratings).</summary>
    /// <param name="userCount">U, at least 0.</param>
    /// <param name="itemCount">I, at least 0.</param>
    /// <param name="users">User of each rating, in [0, U).</param>
    /// <param name="items">Item of each rating, in [0, I).</param>
    /// <param name="values">Value of each rating, finite, on any scale.</param>
    /// <exception cref="ArgumentException">Lengths differ, an index is out of range or a value is not finite; the
    /// message names the position.</exception>
    public static Ratings Create(
        int userCount,
        int itemCount,
        ReadOnlySpan<int> users,
        ReadOnlySpan<int> items,
        ReadOnlySpan<float> values)
    {
        Check(userCount, itemCount, users, items, values);
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
        var (columns, grouped) = (new int[items.Length], new float[items.Length]);
        for (var entry = 0; entry < items.Length; entry++)
        {
            var at = next[users[entry]]++;
            columns[at] = items[entry];
            grouped[at] = values[entry];
        }

        return new Ratings(itemCount, starts, columns, grouped);
    }

    private static void Check(
        int userCount,
        int itemCount,
        ReadOnlySpan<int> users,
        ReadOnlySpan<int> items,
        ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(userCount);
        ArgumentOutOfRangeException.ThrowIfNegative(itemCount);
        if (users.Length != items.Length || values.Length != items.Length)
        {
            throw new ArgumentException("Users, items and values must have the same length.", nameof(items));
        }

        for (var entry = 0; entry < items.Length; entry++)
        {
            if ((uint)users[entry] >= (uint)userCount || (uint)items[entry] >= (uint)itemCount)
            {
                throw new ArgumentException($"Rating {entry} lies outside the matrix.", nameof(items));
            }

            if (!float.IsFinite(values[entry]))
            {
                throw new ArgumentException($"The value of rating {entry} is {values[entry]}.", nameof(values));
            }
        }
    }
}
